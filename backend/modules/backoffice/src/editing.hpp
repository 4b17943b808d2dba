#pragma once
// Writes of any resource: read, merge, save through the owning module, record what changed.
#include <string>
#include <string_view>
#include <vector>

#include "form.hpp"
#include "stoa/backoffice/registry.hpp"

namespace stoa::backoffice {

struct Shown {
    std::string id;
    json::Value form;
    std::vector<std::string> read_only;         // names of members that nobody edits here
    [[nodiscard]] std::string version() const;  // tells whether somebody changed it meanwhile: what is counted elsewhere is left out
    [[nodiscard]] std::string to_json() const;  // with id and version
};
// 404 http.not_found.
[[nodiscard]] Result<Shown> find_row(db::Session& session, const Resource& resource, std::string_view id);

class Editor {
public:
    Editor(const Resource& resource, http::AuditLog& audit)
        : resource_(resource), audit_(audit), fields_(form_fields(*resource.parts().form, resource.parts().looks)) {}
    Result<Shown> create(Write& write, const json::Value& given);
    // Empty `version`: whatever it is (imports).
    Result<Shown> update(Write& write, std::string_view id, std::string_view version, const json::Value& given);
    Result<void> remove(Write& write, std::string_view id, std::string_view version);

private:
    Result<json::Value> merged(const json::Value* before, const json::Value& given) const;

    const Resource& resource_;
    http::AuditLog& audit_;
    std::vector<FormField> fields_;
};

// Names what a preview showed.
[[nodiscard]] std::string digest_of(const std::vector<Foreseen>& foreseen);
// `seen`: digest of the preview that is confirmed; empty: none was asked for. 409 admin.preview_changed.
Result<Action::Done> run_action(Write& write, const Resource& resource, http::AuditLog& audit, const Action& action,
                                const std::vector<std::string>& ids, const json::Value& input, std::string_view seen = {});

struct ImportError {
    std::int64_t row = 0;  // as a spreadsheet counts: the header is 1
    std::string field;     // empty: the row as a whole
    std::string code;
    std::string message;
};
struct ImportReport {
    std::int64_t rows = 0, created = 0, updated = 0, unchanged = 0;
    std::vector<std::string> ignored;  // columns that lists show and nobody sets
    std::vector<ImportError> errors;   // at most 200
};
// Every row is tried, also after one that is refused. The caller rolls back when there are errors, or when it was only a try.
Result<ImportReport> import_rows(Write& write, const Resource& resource, http::AuditLog& audit, std::string_view csv);

// What a database says that could not be known before: 409 or 422 instead of 500. Rethrows what it does not know.
[[nodiscard]] Error refusal_of(std::exception_ptr error);

}  // namespace stoa::backoffice
