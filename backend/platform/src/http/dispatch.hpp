#pragma once
// Dispatch in the two steps the server needs: it matches when the header is read (pool, limits) and runs later on a worker.
#include <chrono>
#include <string>
#include <string_view>

#include "stoa/http/router.hpp"

namespace stoa::http {

// "/a/b" of "/a/b?c".
[[nodiscard]] std::string_view raw_path(const Request& request);
// Gives the request its id and trace id when it has none.
void ensure_ids(Request& request);
[[nodiscard]] Response dispatch_match(Routes::Match match, Request& request, const DispatchOptions& options);
// Headers every answer carries, access line, metrics. For answers the server gives without a handler.
[[nodiscard]] Response finish(const Routes::Match& match, const Request& request, Response response,
                              std::chrono::steady_clock::time_point start);

}  // namespace stoa::http
