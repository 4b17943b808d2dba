#pragma once
// A read as a value: its statements and what to make of their rows. A caller that needs several sends them all in one
// round trip with read_together().
#include <functional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "stoa/db/db.hpp"

namespace stoa::db {

template <class T>
struct Read {
    std::vector<Call> calls;
    std::function<T(std::span<const Rows>)> finish;  // one Rows per call, in order
};

template <class T>
[[nodiscard]] T read_one(Session& session, const Read<T>& read) {
    const auto rows = session.pipeline(read.calls);
    return read.finish(rows);
}

// One round trip for all of them.
template <class... Ts>
[[nodiscard]] std::tuple<Ts...> read_together(Session& session, const Read<Ts>&... reads) {
    std::vector<Call> calls;
    (calls.insert(calls.end(), reads.calls.begin(), reads.calls.end()), ...);
    const auto rows = session.pipeline(calls);
    std::span<const Rows> rest(rows);
    const auto take = [&rest](const auto& read) {
        auto part = read.finish(rest.first(read.calls.size()));
        rest = rest.subspan(read.calls.size());
        return part;
    };
    return std::tuple<Ts...>{take(reads)...};  // braces: evaluated left to right
}

}  // namespace stoa::db
