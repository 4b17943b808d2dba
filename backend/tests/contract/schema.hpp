#pragma once
// The part of JSON Schema that the OpenAPI document uses, and no more: an unknown keyword is an error of the document, so that nothing is
// believed to be checked that is not.
#include <string>
#include <string_view>
#include <vector>

#include "stoa/json/value.hpp"

namespace stoa::testing {

class Document {
public:
    explicit Document(std::string_view text);

    struct Operation {
        std::string method;  // "post"
        std::string path;    // "/api/v1/cart/lines/{line_id}"
        std::string id;
        const json::Value* node = nullptr;
        [[nodiscard]] bool needs_login() const;  // no way without a session
    };
    [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
    [[nodiscard]] const json::Value* body_schema(const Operation& operation) const;
    struct Parameter {
        std::string name, in;
        bool required = false;
        const json::Value* schema = nullptr;
    };
    [[nodiscard]] std::vector<Parameter> parameters(const Operation& operation) const;

    // What is wrong with an answer; empty when it is as the document says.
    [[nodiscard]] std::vector<std::string> check_answer(const Operation& operation, int status, std::string_view content_type,
                                                        std::string_view body) const;

    // `closed`: members that the schema does not name are wrong (what the shop sends is documented).
    [[nodiscard]] std::vector<std::string> check(const json::Value& schema, const json::Value& value, bool closed) const;
    [[nodiscard]] const json::Value& resolve(const json::Value& schema) const;  // follows $ref

private:
    void check(const json::Value& schema, const json::Value& value, bool closed, const std::string& at,
               std::vector<std::string>& out) const;
    json::Value root_;
    std::vector<Operation> operations_;
};

// A copy with the value at `path` replaced, added, or (nullptr) removed. Numbers in the path are array indexes.
[[nodiscard]] json::Value changed(const json::Value& root, const std::vector<std::string>& path, const json::Value* value);

}  // namespace stoa::testing
