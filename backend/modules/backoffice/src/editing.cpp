#include "editing.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "codes.hpp"
#include "domain/csv.hpp"
#include "listing.hpp"
#include "sql/registry.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/text/text.hpp"

namespace stoa::backoffice {
namespace {

using json::Value;

Failure not_found() { return fail(ErrorKind::not_found, "http.not_found", "There is nothing here."); }

constexpr std::size_t kMostRows = 5000;
constexpr std::size_t kMostErrors = 200;

// UTF-8 without zero bytes: what a database takes as text.
bool is_text(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const auto start = at;
        // U+FFFD stands for what is broken, and for itself.
        if (text::next_code_point(bytes, at) == 0xFFFD && bytes.substr(start, at - start) != "\xEF\xBF\xBD") return false;
    }
    return true;
}

// The members that differ: as they were, and as they are. Empty when none does.
std::pair<std::string, std::string> difference(const Value& before, const Value& after) {
    json::Writer was, is;
    was.begin_object();
    is.begin_object();
    bool any = false;
    const auto put = [](json::Writer& out, const std::string& name, const Value* value) {
        out.key(name);
        out.raw(value ? json::to_text(*value) : "null");
    };
    for (const auto& [name, value] : before.members()) {
        const auto* now = after.find(name);
        if (now && json::to_text(*now) == json::to_text(value)) continue;
        put(was, name, &value);
        put(is, name, now);
        any = true;
    }
    for (const auto& [name, value] : after.members()) {
        if (before.find(name)) continue;
        put(was, name, nullptr);
        put(is, name, &value);
        any = true;
    }
    was.end_object();
    is.end_object();
    if (!any) return {};
    return {was.take(), is.take()};
}

}  // namespace

std::string Shown::version() const {
    auto members = form.members();
    // An order that is placed meanwhile moves "held" or "used": no reason to refuse what somebody typed beside it.
    std::erase_if(members, [&](const Value::Member& member) { return std::ranges::find(read_only, member.first) != read_only.end(); });
    return crypto::hex(crypto::sha256(json::to_text(Value::object(std::move(members))))).substr(0, 20);
}

std::string Shown::to_json() const {
    json::Writer out;
    out.begin_object();
    out.member("id", id);
    out.member("version", version());
    for (const auto& [name, value] : form.members()) {
        if (name == "id" || name == "version") continue;
        out.key(name);
        out.raw(json::to_text(value));
    }
    out.end_object();
    return out.take();
}

Result<Shown> find_row(db::Session& session, const Resource& resource, std::string_view id) {
    const auto& parts = resource.parts();
    if (!parts.find || !inner_id(parts.prefix, id)) return not_found();
    auto form = parts.find(session, id);
    if (!form) return not_found();
    Shown shown{std::string(id), std::move(*form), {}};
    for (const auto& [field, look] : parts.looks) {
        if (look.read_only) shown.read_only.push_back(field);
    }
    return shown;
}

Result<Value> Editor::merged(const Value* before, const Value& given) const {
    if (!given.is_object()) return fail(ErrorKind::malformed, "http.malformed_json", "Expected an object.");
    Error refused;
    refused.kind = ErrorKind::invalid;
    refused.code = "http.invalid_fields";
    refused.message = "Some fields are not acceptable.";
    std::vector<Value::Member> members;
    if (before) members = before->members();
    for (const auto& [name, value] : given.members()) {
        if (name == "version" || (name == "id" && !resource_.parts().form->find("id"))) continue;
        const auto field = std::ranges::find(fields_, name, &FormField::name);
        if (field == fields_.end()) {
            refused.fields.push_back({"/" + name, "unknown_field", "There is no such field."});
            continue;
        }
        const auto old = std::ranges::find(members, name, &Value::Member::first);
        const bool same = old != members.end() ? json::to_text(old->second) == json::to_text(value) : value.is_null();
        if (same) continue;
        if (field->read_only || (field->fixed && before)) {
            refused.fields.push_back({"/" + name, "read_only", "This field cannot be changed."});
            continue;
        }
        if (old != members.end())
            old->second = value;
        else
            members.emplace_back(name, value);
    }
    if (!refused.fields.empty()) return fail(std::move(refused));
    return Value::object(std::move(members));
}

Result<Shown> Editor::create(Write& write, const Value& given) {
    const auto& parts = resource_.parts();
    auto form = merged(nullptr, given);
    if (!form) return fail(form.error());
    auto id = parts.save(write, {}, nullptr, *form);
    if (!id) return fail(id.error());
    auto shown = find_row(write.tx, resource_, *id);
    if (!shown) throw std::logic_error("registry: " + parts.name + ": a row that was made is not found");
    audit_.record(write.tx, write.actor, {"create", parts.name, *id, {}, json::to_text(shown->form)});
    return shown;
}

Result<Shown> Editor::update(Write& write, std::string_view id, std::string_view version, const Value& given) {
    const auto& parts = resource_.parts();
    write.tx.query(sql::lock_row, parts.name + ":" + std::string(id));
    auto before = find_row(write.tx, resource_, id);
    if (!before) return before;
    if (!version.empty() && version != before->version()) {
        Error error;
        error.kind = ErrorKind::conflict;
        error.code = codes::kStale;
        error.message = "Somebody changed this meanwhile.";
        error.details_json = R"({"current":)" + before->to_json() + "}";
        return fail(std::move(error));
    }
    auto form = merged(&before->form, given);
    if (!form) return fail(form.error());
    if (difference(before->form, *form).first.empty()) return before;
    if (auto saved = parts.save(write, id, &before->form, *form); !saved) return fail(saved.error());
    auto after = find_row(write.tx, resource_, id);
    if (!after) throw std::logic_error("registry: " + parts.name + ": a row that was saved is not found");
    auto [was, is] = difference(before->form, after->form);
    // Also when nothing that is shown differs: a new password, for instance.
    audit_.record(write.tx, write.actor, {"update", parts.name, std::string(id), std::move(was), std::move(is)});
    return after;
}

Result<void> Editor::remove(Write& write, std::string_view id, std::string_view version) {
    const auto& parts = resource_.parts();
    write.tx.query(sql::lock_row, parts.name + ":" + std::string(id));
    const auto before = find_row(write.tx, resource_, id);
    if (!before) return fail(before.error());
    if (version != before->version()) {
        Error error;
        error.kind = ErrorKind::conflict;
        error.code = codes::kStale;
        error.message = "Somebody changed this meanwhile.";
        error.details_json = R"({"current":)" + before->to_json() + "}";
        return fail(std::move(error));
    }
    if (auto removed = parts.remove(write, id); !removed) return removed;
    audit_.record(write.tx, write.actor, {"delete", parts.name, std::string(id), json::to_text(before->form), {}});
    return {};
}

Result<Action::Done> run_action(Write& write, const Resource& resource, http::AuditLog& audit, const Action& action,
                                const std::vector<std::string>& ids, const Value& input) {
    const auto& parts = resource.parts();
    // One order, so that two of them do not wait for each other.
    auto ordered = ids;
    std::ranges::sort(ordered);
    std::vector<std::pair<std::string, std::optional<Value>>> before;
    for (const auto& id : ordered) {
        if (!inner_id(parts.prefix, id)) return not_found();
        write.tx.query(sql::lock_row, parts.name + ":" + id);
        before.emplace_back(id, std::nullopt);
        if (!parts.find) continue;
        before.back().second = parts.find(write.tx, id);
        if (!before.back().second) return not_found();
    }
    auto done = action.run(write, ids, input);
    if (!done) return done;
    for (const auto& [id, old] : before) {
        std::string was, is;
        if (old) {
            if (const auto now = parts.find(write.tx, id)) {
                std::tie(was, is) = difference(*old, *now);
            } else {
                was = json::to_text(*old);
            }
        }
        audit.record(write.tx, write.actor, {action.name, parts.name, id, std::move(was), std::move(is)});
    }
    return done;
}

Error refusal_of(std::exception_ptr error) {
    Error out;
    try {
        std::rethrow_exception(error);
    } catch (const db::UniqueViolation& violation) {
        out.kind = ErrorKind::conflict;
        out.code = codes::kExists;
        out.message = "There is one like this already.";
        out.log = violation.what();
    } catch (const db::ForeignKeyViolation& violation) {
        out.kind = ErrorKind::conflict;
        out.code = codes::kRowInUse;
        out.message = "Something else refers to this, or it refers to something that is not there.";
        out.log = violation.what();
    } catch (const db::CheckViolation& violation) {
        out.kind = ErrorKind::invalid;
        out.code = "http.invalid_fields";
        out.message = "Some fields are not acceptable.";
        out.log = violation.what();
    } catch (const std::invalid_argument& refused) {
        out.kind = ErrorKind::invalid;
        out.code = "http.invalid_fields";
        out.message = "Some fields are not acceptable.";
        out.fields.push_back({"", "invalid", refused.what()});
    } catch (const db::DbError& refused) {
        // Class 22: a value that cannot be stored as what it is for, text that is not UTF-8, a number out of range.
        if (!refused.sqlstate.starts_with("22")) throw;
        out.kind = ErrorKind::invalid;
        out.code = "http.invalid_fields";
        out.message = "Some fields are not acceptable.";
        out.log = refused.what();
    }
    return out;
}

namespace {
// Entries of many rows, told to the log at the end: from its first entry on, everybody else who writes one waits.
class KeptEntries final : public http::AuditLog {
public:
    void record(db::Tx&, const http::StaffActor&, const http::AuditEntry& entry) override { entries_.push_back(entry); }
    void tell(Write& write, http::AuditLog& audit) const {
        for (const auto& entry : entries_) audit.record(write.tx, write.actor, entry);
    }

private:
    std::vector<http::AuditEntry> entries_;
};
}  // namespace

Result<ImportReport> import_rows(Write& write, const Resource& resource, http::AuditLog& audit, std::string_view csv) {
    const auto& parts = resource.parts();
    const auto unreadable = [](std::string message) {
        return fail(ErrorKind::invalid, std::string(codes::kCsvUnreadable), std::move(message));
    };
    if (!is_text(csv)) return unreadable("The file is not UTF-8. In a spreadsheet, save it as \"CSV UTF-8\".");
    const auto rows = read_csv(csv);
    if (!rows) return unreadable("A quote is not closed.");
    if (rows->size() < 2) return unreadable("A line with the names of the columns is needed, and lines below it.");
    if (rows->size() - 1 > kMostRows) return unreadable(fmt::format("At most {} rows at a time.", kMostRows));

    // "name" is a field, "name.en" one language of it, "id" the row itself.
    struct Target {
        const FormField* field = nullptr;
        std::string locale;
        bool id = false;
    };
    const auto fields = form_fields(*parts.form, parts.looks);
    std::vector<Target> targets;
    std::set<std::string> named;
    for (const auto& header : rows->front()) {
        if (!named.insert(header).second) return unreadable("The column " + header + " stands twice.");
        Target& target = targets.emplace_back();
        if (header == "id") {
            target.id = true;
            continue;
        }
        const auto dot = header.find('.');
        const auto field = std::ranges::find(fields, header.substr(0, dot), &FormField::name);
        if (field == fields.end() || field->read_only || (dot != std::string::npos && field->type != FieldType::translations))
            return unreadable("There is no field for the column " + header + ".");
        target.field = &*field;
        if (dot != std::string::npos) {
            target.locale = header.substr(dot + 1);
            if (target.locale.size() != 2) return unreadable("There is no language for the column " + header + ".");
        }
    }
    if (!named.contains("id") && (parts.key.empty() || !named.contains(parts.key)) && !parts.creates)
        return unreadable("A column is needed that says which row is meant.");

    ImportReport report;
    KeptEntries kept;
    Editor editor(resource, kept);
    const auto refuse = [&](std::size_t row, std::string field, std::string code, std::string message) {
        if (report.errors.size() < kMostErrors)
            report.errors.push_back({static_cast<std::int64_t>(row) + 1, std::move(field), std::move(code), std::move(message)});
    };
    for (std::size_t i = 1; i < rows->size(); ++i) {
        const auto& cells = (*rows)[i];
        if (cells.size() == 1 && cells.front().empty()) continue;
        ++report.rows;
        if (cells.size() != targets.size()) {
            refuse(i, "", "columns", fmt::format("{} cells instead of {}.", cells.size(), targets.size()));
            continue;
        }
        std::string id;
        std::vector<Value::Member> given;
        bool good = true;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            const auto& target = targets[c];
            if (target.id) {
                id = cells[c];
                continue;
            }
            if (!target.locale.empty()) {
                auto found = std::ranges::find(given, target.field->name, &Value::Member::first);
                if (found == given.end()) found = given.insert(given.end(), {target.field->name, Value::object({})});
                auto texts = found->second.members();
                if (!cells[c].empty()) texts.emplace_back(target.locale, Value::string(cells[c]));
                found->second = Value::object(std::move(texts));
                continue;
            }
            auto value = value_of_cell(*target.field, cells[c]);
            if (!value) {
                refuse(i, rows->front()[c], "invalid", value.error().message);
                good = false;
            } else if (*value) {
                given.emplace_back(target.field->name, std::move(**value));
            }
        }
        if (!good) continue;
        if (id.empty() && !parts.key.empty()) {
            const auto key = std::ranges::find(given, parts.key, &Value::Member::first);
            if (key != given.end() && key->second.is_string()) id = parts.by_key(write.tx, key->second.text()).value_or("");
        }
        if (id.empty()) {
            if (!parts.creates || !write.actor.may(parts.name + ".create")) {
                refuse(i, "", "not_found", "There is no such row.");
                continue;
            }
            // What has no value is left out, so that the form's own defaults hold.
            std::erase_if(given, [](const Value::Member& member) { return member.second.is_null(); });
        }
        // Languages that the file does not name stay as they are.
        if (!id.empty()) {
            if (const auto before = find_row(write.tx, resource, id)) {
                for (auto& [name, value] : given) {
                    const auto* old = before->form.find(name);
                    if (!old || !old->is_object() || !value.is_object()) continue;
                    auto texts = value.members();
                    for (const auto& [locale, text] : old->members()) {
                        if (!named.contains(name + "." + locale) && !named.contains(name)) texts.emplace_back(locale, text);
                    }
                    std::ranges::sort(texts, {}, &Value::Member::first);
                    value = Value::object(std::move(texts));
                }
            }
        }
        write.tx.run_text("savepoint import_row");
        Error refused;
        try {
            if (id.empty()) {
                auto made = editor.create(write, Value::object(std::move(given)));
                if (made)
                    ++report.created;
                else
                    refused = made.error();
            } else {
                const auto before = find_row(write.tx, resource, id);
                auto saved = editor.update(write, id, {}, Value::object(std::move(given)));
                if (!saved)
                    refused = saved.error();
                else if (before && json::to_text(before->form) == json::to_text(saved->form))
                    ++report.unchanged;
                else
                    ++report.updated;
            }
        } catch (const db::RetryableError&) {
            throw;
        } catch (const std::exception&) {
            refused = refusal_of(std::current_exception());
        }
        if (refused.code.empty()) {
            write.tx.run_text("release savepoint import_row");
            continue;
        }
        write.tx.run_text("rollback to savepoint import_row");
        if (refused.fields.empty()) refuse(i, "", refused.code, refused.message);
        for (const auto& field : refused.fields) refuse(i, field.pointer.empty() ? "" : field.pointer.substr(1), field.code, field.message);
    }
    if (report.errors.empty()) kept.tell(write, audit);
    return report;
}

}  // namespace stoa::backoffice
