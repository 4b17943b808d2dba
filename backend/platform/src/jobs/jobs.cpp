#include "stoa/jobs/jobs.hpp"

#include "sql/jobs.hpp"

namespace stoa::jobs {

bool enqueue(db::Tx& tx, const NewJob& job) {
    const std::optional<std::string> key = job.unique_key.empty() ? std::nullopt : std::optional(job.unique_key);
    return !tx.query(platform::sql::insert_job, job.kind, job.payload, job.run_at, key, job.max_attempts).empty();
}

std::vector<DeadJob> dead_letters(db::Session& session, int limit) {
    std::vector<DeadJob> out;
    const db::Rows rows = session.query(platform::sql::dead_jobs, limit);
    for (const auto& row : rows) {
        out.push_back({row.get<std::int64_t>("id"), row.get<std::string>("kind"), row.get<std::string>("payload"), row.get<int>("attempts"),
                       row.get<std::string>("last_error"), row.get<Timestamp>("finished_at")});
    }
    return out;
}

bool replay(db::Tx& tx, std::int64_t job_id) {
    if (tx.exec(platform::sql::replay_job, job_id) == 0) return false;
    tx.exec(platform::sql::notify_job, std::to_string(job_id));
    return true;
}

std::int64_t replay_dead(db::Tx& tx, Timestamp before, int limit) {
    const auto count = static_cast<std::int64_t>(tx.exec(platform::sql::replay_dead_jobs, before, limit));
    if (count > 0) tx.exec(platform::sql::notify_job, std::string());
    return count;
}

}  // namespace stoa::jobs
