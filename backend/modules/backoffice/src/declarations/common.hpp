#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "listing.hpp"
#include "stoa/backoffice/declare.hpp"

namespace stoa::backoffice {

using Texts = std::map<std::string, std::string>;

// An id whose form was checked before.
template <class T>
[[nodiscard]] T id_of(std::string_view outside) {
    const auto id = T::parse(outside);
    if (!id) throw http::ProblemException({ErrorKind::not_found, "http.not_found", "There is nothing here.", {}, {}, {}, 0});
    return *id;
}
[[nodiscard]] inline Failure nothing_here() { return fail(ErrorKind::not_found, "http.not_found", "There is nothing here."); }

// By id of the outside form, one row of a view; Rows that may be empty.
[[nodiscard]] inline Action each(std::string name, std::string label,
                                 std::function<Result<void>(Write&, const std::string& id, const json::Value& input)> act) {
    Action out;
    out.name = std::move(name);
    out.label = std::move(label);
    out.run = [act = std::move(act)](Write& write, const std::vector<std::string>& ids, const json::Value& input) -> Result<Action::Done> {
        Action::Done done;
        for (const auto& id : ids) {
            if (auto result = act(write, id, input); !result) return fail(result.error());
            ++done.changed;
        }
        return done;
    };
    return out;
}
[[nodiscard]] inline std::vector<Option> options(std::initializer_list<const char*> values) {
    std::vector<Option> out;
    for (const std::string value : values) {
        auto label = value;
        for (auto& c : label) c = c == '_' ? ' ' : c;
        if (!label.empty() && label[0] >= 'a' && label[0] <= 'z') label[0] = static_cast<char>(label[0] - 32);
        out.push_back({value, label});
    }
    return out;
}

}  // namespace stoa::backoffice
