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
const std::string kFirstLocale = "en";

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

// Two clerks of one row one after the other, and a row that others change too as they left it. Not for a file: what it says holds in any
// case, and thousands of rows would be held.
void hold_row(Write& write, const Resource::Parts& parts, std::string_view id) {
    write.tx.query(sql::lock_row, fmt::format("{}:{}", parts.name, id));
    if (parts.lock && inner_id(parts.prefix, id)) parts.lock(write, id);
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
    if (version.empty())
        write.tx.query(sql::lock_row, fmt::format("{}:{}", parts.name, id));
    else
        hold_row(write, parts, id);
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
    hold_row(write, parts, id);
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

std::string digest_of(const std::vector<Foreseen>& foreseen) {
    const auto shown = [](const std::optional<Money>& money) {
        return money ? money->to_decimal() + std::string(money->currency().code()) : std::string("-");
    };
    std::string text;
    for (const auto& each : foreseen) text += each.id + " " + shown(each.before) + " " + shown(each.after) + " " + each.note + "\n";
    return crypto::hex(crypto::sha256(text)).substr(0, 20);
}

Result<Action::Done> run_action(Write& write, const Resource& resource, http::AuditLog& audit, const Action& action,
                                const std::vector<std::string>& ids, const Value& input, std::string_view seen) {
    const auto& parts = resource.parts();
    // One order, so that two of them do not wait for each other.
    auto ordered = ids;
    std::ranges::sort(ordered);
    std::vector<std::pair<std::string, std::optional<Value>>> before;
    for (const auto& id : ordered) {
        if (!inner_id(parts.prefix, id)) return not_found();
        hold_row(write, parts, id);
        before.emplace_back(id, std::nullopt);
        if (!parts.find) continue;
        before.back().second = parts.find(write.tx, id);
        if (!before.back().second) return not_found();
    }
    if (action.foresee && !seen.empty()) {
        const auto now = action.foresee(write.tx, ids, input, Looking::before_change);
        if (!now) return fail(now.error());
        if (digest_of(*now) != seen)
            return fail(ErrorKind::conflict, std::string(codes::kPreviewChanged), "Somebody changed these meanwhile. Look at it again.");
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
        if (!done->audited.empty()) {
            json::Writer with;
            with.begin_object();
            if (const auto shown = json::parse(is.empty() ? "{}" : is)) {
                for (const auto& [name, value] : shown->members()) {
                    with.key(name);
                    with.raw(json::to_text(value));
                }
            }
            with.key(done->audited_as);
            with.raw(done->audited);
            with.end_object();
            is = with.take();
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
        bool ignored = false;
        bool shown_otherwise = false;  // the list has something of the same name that is not what the form holds
    };
    ImportReport report;
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
        // An export has the columns of the list.
        const auto column = std::ranges::find(parts.columns, header, &Column::name);
        if (column != parts.columns.end() && (field == fields.end() || field->read_only)) {
            target.ignored = true;
            report.ignored.push_back(header);
            continue;
        }
        if (field == fields.end() || field->read_only || (dot != std::string::npos && field->type != FieldType::translations))
            return unreadable("There is no field for the column " + header + ".");
        target.field = &*field;
        target.shown_otherwise = column != parts.columns.end() && column->type != field->type;
        if (dot != std::string::npos) {
            target.locale = header.substr(dot + 1);
            if (target.locale.size() != 2) return unreadable("There is no language for the column " + header + ".");
        }
    }
    if (!named.contains("id") && (parts.key.empty() || !named.contains(parts.key)) && !parts.creates)
        return unreadable("A column is needed that says which row is meant.");

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
        std::set<std::string> plain;  // texts that say no language
        const auto translate = [&](const FormField& field, const std::string& locale, const std::string& text) {
            auto found = std::ranges::find(given, field.name, &Value::Member::first);
            if (found == given.end()) found = given.insert(given.end(), {field.name, Value::object({})});
            auto texts = found->second.members();
            std::erase_if(texts, [&](const Value::Member& member) { return member.first == locale; });
            if (!text.empty()) texts.emplace_back(locale, Value::string(text));
            found->second = Value::object(std::move(texts));
        };
        bool good = true;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            const auto& target = targets[c];
            if (target.id) {
                id = cells[c];
                continue;
            }
            if (target.ignored) continue;
            if (!target.locale.empty()) {
                translate(*target.field, target.locale, cells[c]);
                continue;
            }
            const auto first = cells[c].find_first_not_of(" \t\r\n");
            const char begins = first == std::string::npos ? '\0' : cells[c][first];
            // As lists show it: the first language.
            if (target.field->type == FieldType::translations && begins != '\0' && begins != '{') {
                plain.insert(target.field->name);
                translate(*target.field, kFirstLocale, cells[c]);
                continue;
            }
            // A list shows how many there are, say.
            if (target.field->type == FieldType::json && target.shown_otherwise && begins != '{' && begins != '[') {
                const auto& header = rows->front()[c];
                if (std::ranges::find(report.ignored, header) == report.ignored.end()) report.ignored.push_back(header);
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
                // An empty cell is no value where there was none.
                std::erase_if(given, [&](const Value::Member& member) {
                    return member.second.is_string() && member.second.text().empty() && !before->form.find(member.first);
                });
                for (auto& [name, value] : given) {
                    const auto* old = before->form.find(name);
                    if (!old || !old->is_object() || !value.is_object()) continue;
                    auto texts = value.members();
                    for (const auto& [locale, text] : old->members()) {
                        if (named.contains(name + "." + locale) || (named.contains(name) && !plain.contains(name))) continue;
                        if (std::ranges::find(texts, locale, &Value::Member::first) == texts.end()) texts.emplace_back(locale, text);
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
