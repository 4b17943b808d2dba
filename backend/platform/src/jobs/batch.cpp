#include "stoa/jobs/batch.hpp"

#include <array>

#include "sql/jobs.hpp"
#include "stoa/db/db.hpp"

namespace stoa::jobs {

void enqueue_each(db::Tx& tx, std::string_view kind, const std::vector<std::string>& payloads, int max_attempts) {
    if (payloads.empty()) return;
    const std::array calls{db::call(platform::sql::insert_jobs, kind, payloads, max_attempts), db::call(platform::sql::notify_job, "")};
    (void)tx.pipeline(calls);
}

}  // namespace stoa::jobs
