// Targets against a route table: no crash, and what matches has exactly the parameters of its pattern.
#include <algorithm>
#include <cstdlib>

#include "http/dispatch.hpp"
#include "stoa/http/router.hpp"
#include "stoa/log/log.hpp"

namespace {

const stoa::http::Routes& routes() {
    static const stoa::http::Routes table = [] {
        const auto nothing = [](const stoa::http::Request&) { return stoa::http::no_content(); };
        stoa::http::Routes r;
        r.get("/", "root").handle(nothing);
        r.get("/a/{x}", "ax").handle(nothing);
        r.get("/a/{x}/b/{y}", "axby").handle(nothing);
        r.post("/a/{x}/b", "axb").handle(nothing);
        r.get("/a/b", "ab").handle(nothing);
        r.put("/a/b/c", "abc").handle(nothing);
        r.get("/m/{rest*}", "m").handle(nothing);
        r.del("/m/{one}/x", "mx").handle(nothing);
        r.freeze();
        return r;
    }();
    return table;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const auto method = static_cast<stoa::http::Method>(data[0] % 7);
    const std::string_view target(reinterpret_cast<const char*>(data) + 1, size - 1);
    stoa::http::Request request;
    request.method = method;
    const bool fine = stoa::http::set_target(request, target);
    const auto match = routes().match(method, fine ? stoa::http::raw_path(request) : target);
    if (match.route) {
        const auto wanted = std::ranges::count(match.route->pattern, '{');
        if (static_cast<std::size_t>(wanted) != match.params.size()) std::abort();
        for (const auto& [name, value] : match.params) {
            if (value.empty() || match.route->pattern.find("{" + name) == std::string::npos) std::abort();
        }
    } else if (match.path_exists == match.allow.empty()) {
        std::abort();
    }
    if (!fine) return 0;
    stoa::log::set_level(stoa::log::Level::error);
    const auto response = stoa::http::dispatch(routes(), request, {});
    if (response.status != 204 && response.status != 404 && response.status != 405) std::abort();
    return 0;
}
