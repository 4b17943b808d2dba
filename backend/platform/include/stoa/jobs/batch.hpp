#pragma once
// Many jobs of one kind in one statement.
#include <string>
#include <string_view>
#include <vector>

namespace stoa::db {
class Tx;
}

namespace stoa::jobs {

// One for each payload, in their order, to be run at once.
void enqueue_each(db::Tx& tx, std::string_view kind, const std::vector<std::string>& payloads, int max_attempts);

}  // namespace stoa::jobs
