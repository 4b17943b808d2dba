#pragma once
// What Sendcloud refuses, with its words: JSON:API errors that point at the member.
#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sendcloud_data.hpp"
#include "stoa/http/message.hpp"
#include "stoa/json/value.hpp"

namespace stoa::sandbox::sendcloud {

struct Problem {
    std::string code, detail, pointer;  // a pointer without a leading slash names a query parameter
};
[[nodiscard]] http::Response errors(int status, const std::vector<Problem>& problems);

// "1.320" kg in whole grams; nullopt for anything that is no number or another unit. `as_number`: returns take JSON numbers.
[[nodiscard]] std::optional<std::int64_t> grams(const json::Value& weight, bool as_number = false);
// The sides of a parcel in millimetres, longest first; nullopt when one of them or the unit is wrong.
[[nodiscard]] std::optional<std::array<std::int64_t, 3>> sides(const json::Value& dimensions, bool as_number = false);
[[nodiscard]] bool fits(const Option& option, const std::array<std::int64_t, 3>& sides);

class Check {
public:
    std::vector<Problem> problems;

    void fail(std::string code, std::string detail, std::string pointer) {
        problems.push_back({std::move(code), std::move(detail), std::move(pointer)});
    }
    // Members beyond these are refused.
    void only(const json::Value& object, const std::string& at, std::initializer_list<std::string_view> names);
    // Null pointer when absent or null; complains when it is required or of another kind.
    const json::Value* member(const json::Value& object, const std::string& at, std::string_view name, json::Value::Kind kind,
                              bool required);
    std::string text(const json::Value& object, const std::string& at, std::string_view name, bool required, std::size_t most = 255);
    void one_of(const json::Value& object, const std::string& at, std::string_view name, bool required,
                std::initializer_list<std::string_view> choices);
    void price(const json::Value& object, const std::string& at, std::string_view name, bool required);
    void address(const json::Value& object, const std::string& at, bool complete);
    // The grams of a member {value, unit}; nullopt after a complaint.
    std::optional<std::int64_t> weight(const json::Value& object, const std::string& at, bool as_number);
    std::optional<std::array<std::int64_t, 3>> dimensions(const json::Value& object, const std::string& at, bool as_number);
};

struct CheckedShipment {
    const Option* option = nullptr;
    const Place* place = nullptr;
};
// The body of POST /shipments and /shipments/announce.
[[nodiscard]] CheckedShipment check_shipment(Check& check, const json::Value& body, std::size_t most_parcels);
// The body of POST /returns...
[[nodiscard]] CheckedShipment check_return(Check& check, const json::Value& body);

}  // namespace stoa::sandbox::sendcloud
