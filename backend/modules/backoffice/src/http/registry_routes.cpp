#include <set>

#include <fmt/format.h>

#include "audit.hpp"
#include "codes.hpp"
#include "domain/csv.hpp"
#include "domain/xlsx.hpp"
#include "editing.hpp"
#include "form.hpp"
#include "http/registry_dto.hpp"
#include "listing.hpp"
#include "sql/calendar.hpp"
#include "sql/views.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/text/text.hpp"

namespace stoa::backoffice {
namespace {

using http::Access;
using http::Pool;
using http::Request;
using http::Response;

constexpr std::size_t kLargestImport = 8 << 20;
constexpr std::int64_t kMostSheetRows = 1'048'576;  // what a spreadsheet can hold, with its head
constexpr std::int64_t kMostViews = 200;

Failure not_found() { return fail(ErrorKind::not_found, "http.not_found", "There is nothing here."); }
Failure not_here(std::string message) { return fail(ErrorKind::conflict, std::string(codes::kNotAllowedHere), std::move(message)); }

void write_options(json::Writer& out, const std::vector<Option>& options) {
    out.key("options");
    out.begin_array();
    for (const auto& option : options) {
        out.begin_object();
        out.member("value", option.value);
        out.member("label", option.label);
        out.end_object();
    }
    out.end_array();
}

void write_fields(json::Writer& out, const std::vector<FormField>& fields, bool inlines_too) {
    out.begin_array();
    for (const auto& field : fields) {
        if (field.rows && !inlines_too) continue;
        out.begin_object();
        out.member("name", field.name);
        out.member("label", field.label);
        out.member("type", json::to_name(field.type));
        out.member("required", field.required);
        out.member("read_only", field.read_only);
        out.member("fixed", field.fixed);
        write_options(out, field.options);
        out.member("help", field.help);
        out.member("group", field.group);
        if (!field.resource.empty()) out.member("resource", field.resource);
        if (field.min) out.member("min", *field.min);
        if (field.max) out.member("max", *field.max);
        if (field.max_length) out.member("max_length", *field.max_length);
        out.end_object();
    }
    out.end_array();
}

struct Rights {
    bool read, create, update, del, exports, imports;
};
Rights rights_of(const Resource& resource, const http::StaffActor& actor) {
    const auto& parts = resource.parts();
    const auto may = [&](std::string_view action) { return actor.may(parts.name + "." + std::string(action)); };
    const bool writes = parts.save != nullptr;
    return {may("read"),
            writes && parts.creates && may("create"),
            writes && may("update"),
            parts.remove && may("delete"),
            may("export"),
            writes && may("import")};
}

std::string resource_json(const Resource& resource, const http::StaffActor& actor) {
    const auto& parts = resource.parts();
    json::Writer out;
    out.begin_object();
    out.member("name", parts.name);
    out.member("label", parts.label);
    out.member("group", parts.group);
    out.key("columns");
    out.begin_array();
    for (const auto& column : parts.columns) {
        out.begin_object();
        out.member("name", column.name);
        out.member("label", column.label);
        out.member("type", json::to_name(column.type));
        out.member("sortable", column.extras.sortable);
        if (!column.extras.resource.empty()) out.member("resource", column.extras.resource);
        out.end_object();
    }
    out.end_array();
    out.key("filters");
    out.begin_array();
    for (const auto& filter : parts.filters) {
        out.begin_object();
        out.member("name", filter.name);
        out.member("label", filter.label);
        out.member("type", json::to_name(filter.type));
        write_options(out, filter.options);
        if (!filter.resource.empty()) out.member("resource", filter.resource);
        out.end_object();
    }
    out.end_array();
    out.member("searchable", !parts.search.empty());
    const auto fields = parts.form ? form_fields(*parts.form, parts.looks) : std::vector<FormField>{};
    out.key("fields");
    write_fields(out, fields, false);
    out.key("inlines");
    out.begin_array();
    for (const auto& field : fields) {
        if (!field.rows) continue;
        std::map<std::string, FieldLook> looks;
        for (const auto& [name, look] : parts.looks) {
            if (name.starts_with(field.name + ".")) looks.emplace(name.substr(field.name.size() + 1), look);
        }
        const auto inner = form_fields(*field.rows, looks);
        out.begin_object();
        out.member("name", field.name);
        out.member("label", field.label);
        out.member("read_only", field.read_only);
        out.key("fields");
        write_fields(out, inner, true);
        out.key("columns");
        out.begin_array();
        for (const auto& column : inner) {
            out.begin_object();
            out.member("name", column.name);
            out.member("label", column.label);
            out.member("type", json::to_name(column.type));
            out.end_object();
        }
        out.end_array();
        out.end_object();
    }
    out.end_array();
    out.key("actions");
    out.begin_array();
    for (const auto& action : parts.actions) {
        if (!actor.may(parts.name + "." + action.name)) continue;
        out.begin_object();
        out.member("name", action.name);
        out.member("label", action.label);
        out.member("confirm", action.confirm);
        out.member("danger", action.danger);
        out.member("preview", static_cast<bool>(action.foresee));
        out.key("fields");
        write_fields(out, action.input ? form_fields(*action.input, action.looks) : std::vector<FormField>{}, true);
        out.end_object();
    }
    out.end_array();
    const auto can = rights_of(resource, actor);
    out.key("can");
    out.begin_object();
    out.member("create", can.create);
    out.member("update", can.update);
    out.member("delete", can.del);
    out.member("export", can.exports);
    out.member("import", can.imports);
    out.end_object();
    out.end_object();
    return out.take();
}

Response shown(const Shown& row, int status = 200) {
    auto response = http::json_text(status, row.to_json());
    response.header("ETag", "\"" + row.version() + "\"");
    return response;
}

// Nothing: 422. Proxies may have made the tag weak or marked it as compressed.
Result<std::string> wanted_version(const Request& request) {
    std::string tag(request.header("if-match"));
    if (tag.starts_with("W/")) tag = tag.substr(2);
    std::erase(tag, '"');
    for (const std::string_view mark : {"-gzip", "-br"}) {
        if (tag.ends_with(mark)) tag.resize(tag.size() - mark.size());
    }
    if (tag.empty()) return fail(ErrorKind::invalid, std::string(codes::kVersionMissing), "Say with If-Match which version you have seen.");
    return tag;
}

class Handlers {
public:
    Handlers(const Registry& registry, RegistryDeps deps) : registry_(registry), deps_(std::move(deps)) {}

    Response resources(const Request& request) {
        const auto actor = deps_.gate.require(request, "");
        if (!actor) return http::problem(actor.error());
        ResourcesDto out;
        for (const auto& resource : registry_.all()) {
            if (actor->may(resource.name() + ".read")) out.resources.push_back({resource_json(resource, *actor)});
        }
        return http::ok(out);
    }

    Response list(const Request& request) {
        return with(request, "read", [&](const http::StaffActor&, const Resource& resource) -> Result<Response> {
            const auto wanted = list_request(resource, request, true);
            if (!wanted) return fail(wanted.error());
            const auto page = deps_.database.read([&](db::Session& session) { return list_page(session, resource, *wanted, true); });
            return http::json_text(200, page_json(resource, page));
        });
    }

    Response get(const Request& request) {
        return with(request, "read", [&](const http::StaffActor&, const Resource& resource) -> Result<Response> {
            const auto row = deps_.database.read([&](db::Session& session) { return find_row(session, resource, request.param("id")); });
            if (!row) return fail(row.error());
            return shown(*row);
        });
    }

    Response create(const Request& request) {
        return with(request, "create", [&](const http::StaffActor& actor, const Resource& resource) -> Result<Response> {
            const auto& parts = resource.parts();
            if (!parts.save || !parts.creates) return not_here("These are not made here.");
            const auto body = http::parse_body(request);
            if (!body) return fail(body.error());
            return deps_.idempotency.run(request, scope(actor), [&](db::Tx& tx) -> Result<Response> {
                Write write{tx, actor, deps_.clock.now()};
                const auto made = Editor(resource, deps_.audit).create(write, *body);
                if (!made) return fail(made.error());
                return shown(*made, 201);
            });
        });
    }

    Response update(const Request& request) {
        return with(request, "update", [&](const http::StaffActor& actor, const Resource& resource) -> Result<Response> {
            if (!resource.parts().save) return not_here("These are only shown here.");
            const auto version = wanted_version(request);
            if (!version) return fail(version.error());
            const auto body = http::parse_body(request);
            if (!body) return fail(body.error());
            return deps_.database.in_tx([&](db::Tx& tx) -> Result<Response> {
                Write write{tx, actor, deps_.clock.now()};
                const auto saved = Editor(resource, deps_.audit).update(write, request.param("id"), *version, *body);
                if (!saved) return fail(saved.error());
                return shown(*saved);
            });
        });
    }

    Response remove(const Request& request) {
        return with(request, "delete", [&](const http::StaffActor& actor, const Resource& resource) -> Result<Response> {
            if (!resource.parts().remove) return not_here("These are not removed here.");
            const auto version = wanted_version(request);
            if (!version) return fail(version.error());
            return deps_.database.in_tx([&](db::Tx& tx) -> Result<Response> {
                Write write{tx, actor, deps_.clock.now()};
                if (auto removed = Editor(resource, deps_.audit).remove(write, request.param("id"), *version); !removed)
                    return fail(removed.error());
                return http::no_content();
            });
        });
    }

    Response history(const Request& request) {
        return with(request, "read", [&](const http::StaffActor&, const Resource& resource) -> Result<Response> {
            if (!inner_id(resource.parts().prefix, request.param("id"))) return not_found();
            HistoryDto out;
            std::vector<AuditRow> rows;
            const bool known = deps_.database.read([&](db::Session& session) {
                rows = audit_of(session, resource.name(), request.param("id"));
                // What was removed has a history; what never was has none.
                return !rows.empty() || !resource.parts().find || find_row(session, resource, request.param("id")).has_value();
            });
            if (!known) return not_found();
            for (const auto& row : rows) {
                HistoryEntryDto entry;
                entry.number = row.number;
                entry.at = row.at;
                entry.staff_id = row.staff;
                entry.staff_name = row.staff_name;
                entry.action = row.action;
                if (row.before) entry.before = json::Raw{*row.before};
                if (row.after) entry.after = json::Raw{*row.after};
                entry.ip = row.ip;
                entry.request_id = row.request_id;
                out.entries.push_back(std::move(entry));
            }
            return http::ok(out);
        });
    }

    struct Asked {
        ActionDto body;
        json::Value input;
    };
    static Result<Asked> asked(const Request& request) {
        auto body = http::body_as<ActionDto>(request);
        if (!body) return fail(body.error());
        std::set<std::string> once(body->ids.begin(), body->ids.end());
        if (once.size() != body->ids.size()) return fail_field("/ids", "twice", "Each once.");
        auto input = json::parse(body->input ? body->input->text : "{}");
        if (!input || !(input->is_object() || input->is_null())) return fail_field("/input", "wrong_type", "Expected an object.");
        return Asked{std::move(*body), std::move(*input)};
    }

    Response foresee(const Request& request) {
        const auto name = std::string(request.param("action"));
        return with(request, name, [&](const http::StaffActor&, const Resource& resource) -> Result<Response> {
            const auto& actions = resource.parts().actions;
            const auto action = std::ranges::find(actions, name, &Action::name);
            if (action == actions.end() || !action->foresee) return not_found();
            const auto wish = asked(request);
            if (!wish) return fail(wish.error());
            for (const auto& id : wish->body.ids) {
                if (!inner_id(resource.parts().prefix, id)) return not_found();
            }
            const auto foreseen = deps_.database.read(
                [&](db::Session& session) { return action->foresee(session, wish->body.ids, wish->input, Looking::only); });
            if (!foreseen) return fail(foreseen.error());
            ActionPreviewDto dto{{}, digest_of(*foreseen)};
            for (const auto& each : *foreseen) dto.items.push_back({each.id, each.label, each.before, each.after, each.note});
            return http::ok(dto);
        });
    }

    Response act(const Request& request) {
        const auto name = std::string(request.param("action"));
        return with(request, name, [&](const http::StaffActor& actor, const Resource& resource) -> Result<Response> {
            const auto& actions = resource.parts().actions;
            const auto action = std::ranges::find(actions, name, &Action::name);
            if (action == actions.end()) return not_found();
            // Inside, so that a key that was used with another body is told apart before the body is looked at.
            return deps_.idempotency.run(request, scope(actor), [&](db::Tx& tx) -> Result<Response> {
                const auto wish = asked(request);
                if (!wish) return fail(wish.error());
                Write write{tx, actor, deps_.clock.now()};
                const auto done = run_action(write, resource, deps_.audit, *action, wish->body.ids, wish->input, wish->body.seen);
                if (!done) return fail(done.error());
                return http::ok(ActionDoneDto{done->changed, done->message});
            });
        });
    }

    Response export_rows(const Request& request) {
        return with(request, "export", [&](const http::StaffActor& actor, const Resource& resource) -> Result<Response> {
            auto wanted = list_request(resource, request, false);
            if (!wanted) return fail(wanted.error());
            const auto format = request.query_value("format").value_or("csv");
            if (format != "csv" && format != "xlsx") return fail_field("?format", "not_one_of", "csv or xlsx.");
            // Before the first row leaves.
            deps_.database.in_tx([&](db::Tx& tx) { deps_.audit.record(tx, actor, {"export", resource.name(), "", {}, {}}); });
            Response response;
            response.stream = [this, &resource, wanted = *wanted, workbook = format == "xlsx"](const http::BodyWriter& write) {
                bool has_begun = false;
                deps_.database.in_tx(
                    [&](db::Tx& tx) {
                        // A transaction that is tried again would send its rows twice.
                        if (std::exchange(has_begun, true)) throw std::runtime_error("backoffice: an export lost its database");
                        write_export(tx, resource, wanted, write, workbook);
                    },
                    db::Isolation::repeatable_read);
            };
            response.header("content-type", format == "xlsx" ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                                                             : "text/csv; charset=utf-8");
            response.header("content-disposition", fmt::format("attachment; filename=\"{}-{}.{}\"", resource.name(),
                                                               to_iso_date(date_of(deps_.clock.now())), format));
            response.header("cache-control", "private, no-store");
            return response;
        });
    }

    Response import_file(const Request& request) {
        return with(request, "import", [&](const http::StaffActor& actor, const Resource& resource) -> Result<Response> {
            if (!resource.parts().save) return not_here("These are only shown here.");
            const auto query = http::query_as<ImportQuery>(request);
            if (!query) return fail(query.error());
            if (!request.header("content-type").starts_with("text/csv"))
                return fail(ErrorKind::unsupported_type, "http.unsupported_media_type", "Send text/csv.");
            const auto tried = [&](db::Tx& tx) -> Result<ImportDto> {
                Write write{tx, actor, deps_.clock.now()};
                auto report = import_rows(write, resource, deps_.audit, request.body);
                if (!report) return fail(report.error());
                ImportDto out{
                    query->dry_run, report->rows, report->created, report->updated, report->unchanged, std::move(report->ignored), {}};
                for (auto& error : report->errors)
                    out.errors.push_back({error.row, std::move(error.field), std::move(error.code), std::move(error.message)});
                return out;
            };
            if (query->dry_run) {
                std::optional<Result<ImportDto>> seen;
                // Not kept: the transaction of a refusal is rolled back.
                (void)deps_.database.in_tx([&](db::Tx& tx) -> Result<bool> {
                    seen = tried(tx);
                    return fail(ErrorKind::invalid, std::string(codes::kImportFailed), "");
                });
                if (!*seen) return fail(seen->error());
                return http::ok(**seen);
            }
            return deps_.idempotency.run(request, scope(actor), [&](db::Tx& tx) -> Result<Response> {
                const auto out = tried(tx);
                if (!out) return fail(out.error());
                if (out->errors.empty()) return http::ok(*out);
                Error error;
                error.kind = ErrorKind::invalid;
                error.code = codes::kImportFailed;
                error.message = "Some rows cannot be taken; nothing was kept.";
                error.details_json = R"({"import":)" + json::render(*out) + "}";
                return fail(std::move(error));
            });
        });
    }

    Response views(const Request& request) {
        const auto actor = deps_.gate.require(request, "");
        if (!actor) return http::problem(actor.error());
        const auto query = http::query_as<ViewsQuery>(request);
        if (!query) return http::problem(query.error());
        SavedViewsDto out;
        deps_.database.read([&](db::Session& session) {
            out.views.clear();
            for (const auto row : session.query(sql::list_views, actor->id, query->resource)) out.views.push_back(view_from(row));
        });
        return http::ok(out);
    }

    Response preview_page(const Request& request) {
        const auto actor = deps_.gate.require(request, "pages.read");
        if (!actor) return http::problem(actor.error());
        const auto body = http::body_as<MarkdownDto>(request);
        if (!body) return http::problem(body.error());
        return http::ok(RenderedDto{text::markdown_to_html(body->body)});
    }

    Response save_view(const Request& request) {
        const auto actor = deps_.gate.require(request, "");
        if (!actor) return http::problem(actor.error());
        auto body = http::body_as<SavedViewDto>(request);
        if (!body) return http::problem(body.error());
        if (!registry_.find(body->resource))
            return http::problem(fail_field("/resource", "not_one_of", "There is no such resource.").error());
        const auto saved = deps_.database.in_tx([&](db::Tx& tx) -> Result<SavedViewDto> {
            if (tx.query(sql::count_views, actor->id).front().get<std::int64_t>("count") >= kMostViews)
                return fail(ErrorKind::conflict, std::string(codes::kViewLimit), "There are too many saved views. Remove one first.");
            return view_from(
                tx.query(sql::insert_view, SavedViewId::make(), actor->id, body->resource, body->name, body->query, deps_.clock.now())
                    .front());
        });
        return saved ? http::created(*saved) : http::problem(saved.error());
    }

    Response remove_view(const Request& request) {
        const auto actor = deps_.gate.require(request, "");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<SavedViewId>(request, "id");
        const auto gone = deps_.database.in_tx([&](db::Tx& tx) { return tx.exec(sql::delete_view, id, actor->id); });
        return gone ? http::no_content() : http::problem(not_found().error());
    }

    Response search(const Request& request) {
        const auto actor = deps_.gate.require(request, "");
        if (!actor) return http::problem(actor.error());
        const auto query = http::query_as<SearchQuery>(request);
        if (!query) return http::problem(query.error());
        FoundListDto out;
        deps_.database.read([&](db::Session& session) {
            out.results.clear();
            for (const auto& name : deps_.searched) {
                const auto* resource = registry_.find(name);
                if (!resource || !actor->may(name + ".read")) continue;
                ListRequest wanted;
                wanted.q = query->q;
                wanted.limit = 5;
                // The first columns that are words say which one it is.
                std::vector<std::size_t> said;
                const auto& columns = resource->parts().columns;
                for (std::size_t i = 0; i < columns.size() && said.size() < 2; ++i) {
                    if (columns[i].type != FieldType::image) said.push_back(i);
                }
                for (auto& row : list_page(session, *resource, wanted, false).rows)
                    out.results.push_back({name, row.id, row.cells[said.at(0)].text, said.size() > 1 ? row.cells[said[1]].text : ""});
            }
        });
        return http::ok(out);
    }

    Response home(const Request& request) {
        const auto actor = deps_.gate.require(request, "home.read");
        if (!actor) return http::problem(actor.error());
        HomeDto out;
        deps_.database.read([&](db::Session& session) {
            out.figures.clear();
            const auto day = session.query(sql::begin_of_day, deps_.clock.now()).front().get<Timestamp>("day");
            std::vector<db::Call> calls;
            std::vector<const Figure*> asked;
            std::vector<std::pair<std::string, std::string>> texts;  // name, sql; live until the calls are done
            texts.reserve(deps_.figures.size());
            for (const auto& figure : deps_.figures) {
                if (!actor->may(figure.permission)) continue;
                asked.push_back(&figure);
                auto sql = figure.sql;
                std::vector<db::Param> params;
                if (const auto at = sql.find("{day}"); at != std::string::npos) {
                    sql.replace(at, 5, "$1::timestamptz");
                    params = {db::to_param(day)};
                }
                texts.emplace_back("home." + figure.name, std::move(sql));
                calls.push_back({{texts.back().first, texts.back().second}, std::move(params)});
            }
            const auto answers = session.pipeline(calls);
            for (std::size_t i = 0; i < asked.size(); ++i) {
                for (const auto row : answers[i]) {
                    FigureDto figure{asked[i]->name, asked[i]->label, asked[i]->link, {}, {}};
                    if (row.is_null(1)) {
                        figure.value = row.get<std::int64_t>(0);
                    } else {
                        const auto currency = Currency::of(row.text(1));
                        // Amounts of several currencies are several figures.
                        if (answers[i].size() > 1) {
                            figure.name += "_" + std::string(currency.code());
                            figure.label += ", " + std::string(currency.code());
                        }
                        figure.money = Money(row.get<std::int64_t>(0), currency);
                    }
                    out.figures.push_back(std::move(figure));
                }
            }
        });
        return http::ok(out);
    }

    Response failed_jobs(const Request& request) {
        const auto actor = deps_.gate.require(request, "jobs.read");
        if (!actor) return http::problem(actor.error());
        DeadJobsDto out;
        deps_.database.read([&](db::Session& session) {
            out.jobs.clear();
            // The payload may hold personal data and stays where it is.
            for (auto& job : jobs::dead_letters(session, 200))
                out.jobs.push_back({job.id, std::move(job.kind), job.attempts, std::move(job.last_error), job.died_at});
        });
        return http::ok(out);
    }

    Response replay_job(const Request& request) {
        const auto actor = deps_.gate.require(request, "jobs.replay");
        if (!actor) return http::problem(actor.error());
        const auto id = inner_id("#", request.param("id"));
        const auto done = id && deps_.database.in_tx([&](db::Tx& tx) {
            if (!jobs::replay(tx, db::parse_int(*id))) return false;
            deps_.audit.record(tx, *actor, {"replay", "jobs", *id, {}, {}});
            return true;
        });
        return done ? http::no_content() : http::problem(not_found().error());
    }

private:
    static std::string scope(const http::StaffActor& actor) { return "staff:" + actor.id.to_string(); }

    template <class Body>
    Response with(const Request& request, std::string_view action, Body body) {
        // Who may not even sign in learns nothing about what there is.
        auto actor = deps_.gate.require(request, "");
        if (!actor) return http::problem(actor.error());
        const auto* resource = registry_.find(request.param("resource"));
        if (!resource) return http::problem(not_found().error());
        const auto permission = resource->name() + "." + std::string(action);
        if (!actor->may(permission)) return http::problem(http::staff_forbidden(permission));
        try {
            const auto answer = body(*actor, *resource);
            return answer ? *answer : http::problem(answer.error());
        } catch (const http::ProblemException&) {
            throw;
        } catch (const db::RetryableError&) {
            throw;
        } catch (const std::exception&) {
            return http::problem(refusal_of(std::current_exception()));
        }
    }

    static SavedViewDto view_from(const db::Row& row) {
        return {row.get<SavedViewId>("id"), row.get<std::string>("resource"), row.get<std::string>("name"), row.get<std::string>("query")};
    }

    // Page by page, all of one snapshot.
    static void write_export(db::Tx& tx, const Resource& resource, ListRequest wanted, const http::BodyWriter& write, bool workbook) {
        const auto& parts = resource.parts();
        std::unique_ptr<XlsxFile> sheet;
        CsvRow head{"id"};
        for (const auto& column : parts.columns) head.push_back(column.name);
        if (workbook) {
            sheet = std::make_unique<XlsxFile>(write, parts.label);
            std::vector<XlsxFile::Value> cells;
            for (auto& name : head) cells.push_back({name, false});
            sheet->row(cells);
        } else {
            write(csv_line(head));
        }
        std::int64_t count = 1;
        // No more than a slow reader takes in before the database ends a transaction in which nothing happens.
        wanted.limit = 2000;
        for (bool more = true; more;) {
            auto page = list_page(tx, resource, wanted, false);
            for (auto& row : page.rows) {
                if (workbook) {
                    if (++count > kMostSheetRows) break;
                    std::vector<XlsxFile::Value> cells{{row.id, false}};
                    for (std::size_t i = 0; i < row.cells.size(); ++i)
                        cells.push_back({std::move(row.cells[i].text), parts.columns[i].type == FieldType::integer});
                    sheet->row(cells);
                } else {
                    CsvRow cells{row.id};
                    for (auto& cell : row.cells) cells.push_back(std::move(cell.text));
                    write(csv_line(cells));
                }
            }
            more = page.next_cursor.has_value() && count <= kMostSheetRows;
            if (more) wanted.cursor = *page.next_cursor;
            wanted.has_many = page.total_is_capped && wanted.q.empty();
        }
        if (workbook) sheet->finish();
    }

    const Registry& registry_;
    RegistryDeps deps_;
};

}  // namespace

void add_registry_routes(http::Routes& routes, const Registry& registry, RegistryDeps deps) {
    auto h = std::make_shared<Handlers>(registry, std::move(deps));
    const auto bind = [h](Response (Handlers::*handler)(const Request&)) {
        return [h, handler](const Request& request) { return ((*h).*handler)(request); };
    };
    using Document = std::map<std::string, json::Raw>;
    constexpr std::string_view kBase = "/api/v1/admin/resources/{resource}";
    const std::string base(kBase);
    const auto declared = [&](http::Route& route) -> http::Route& {
        return route.tag("back office")
            .on(Pool::staff)
            .requires_access(Access::staff)
            .fails({"staff.login_required", "staff.forbidden", codes::kPasswordChangeDue});
    };

    declared(routes.get("/api/v1/admin/resources", "list_resources"))
        .summary("What there is to manage, as far as this member of staff may see it")
        .returns<ResourcesDto>()
        .handle(bind(&Handlers::resources));
    declared(routes.get(base, "list_resource_rows"))
        .summary("Rows of a resource")
        .query<RowsQuery>()
        .returns<RowsDto>()
        .handle(bind(&Handlers::list));
    declared(routes.post(base, "create_resource_row"))
        .summary("Make a row")
        .description("The body holds the resource's fields.")
        .limit_body(2 << 20)
        .idempotency_optional()
        .returns<Document>(201)
        .fails({codes::kNotAllowedHere, codes::kExists, codes::kRowInUse})
        .handle(bind(&Handlers::create));
    declared(routes.get(base + "/export", "export_resource"))
        .summary("All rows as a file")
        .description(
            "format=csv or xlsx; q, filter[…] and sort as in the list. A CSV has every row, a sheet 1,048,575. Rows leave "
            "while they are read, all of one moment; a transfer that ends without its last chunk is not whole.")
        .query<ExportQuery>()
        .within(std::chrono::minutes{10})
        .returns_type(200, "text/csv", "Or, with format=xlsx, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.")
        .handle(bind(&Handlers::export_rows));
    declared(routes.post(base + "/import", "import_resource"))
        .summary("Rows from a CSV file")
        .description("The first line names fields (\"name.en\" for one language). All rows are taken, or none.")
        .query<ImportQuery>()
        .limit_body(kLargestImport)
        .idempotency_optional()
        .within(std::chrono::minutes{2})
        .returns<ImportDto>()
        .fails({codes::kNotAllowedHere, codes::kCsvUnreadable, codes::kImportFailed})
        .handle(bind(&Handlers::import_file));
    declared(routes.post(base + "/actions/{action}", "run_resource_action"))
        .summary("Do something with some rows")
        .body<ActionDto>()
        .idempotency_optional()
        .returns<ActionDoneDto>()
        .fails({codes::kExists, codes::kRowInUse, codes::kPreviewChanged})
        .handle(bind(&Handlers::act));
    declared(routes.post(base + "/actions/{action}/preview", "preview_resource_action"))
        .summary("What an action would make of some rows, where it can be foreseen")
        .body<ActionDto>()
        .returns<ActionPreviewDto>()
        .handle(bind(&Handlers::foresee));
    declared(routes.get(base + "/{id}", "get_resource_row"))
        .summary("One row with everything its form shows")
        .returns<Document>()
        .handle(bind(&Handlers::get));
    declared(routes.patch(base + "/{id}", "update_resource_row"))
        .summary("Change a row")
        .description(
            "The body holds the fields to change; If-Match the version that was seen. 409 admin.stale answers with current, the row as it "
            "is.")
        .limit_body(2 << 20)
        .returns<Document>()
        .fails({codes::kNotAllowedHere, codes::kVersionMissing, codes::kStale, codes::kExists, codes::kRowInUse})
        .handle(bind(&Handlers::update));
    declared(routes.del(base + "/{id}", "delete_resource_row"))
        .summary("Remove a row")
        .returns_nothing()
        .fails({codes::kNotAllowedHere, codes::kVersionMissing, codes::kStale, codes::kRowInUse})
        .handle(bind(&Handlers::remove));
    declared(routes.get(base + "/{id}/history", "get_resource_history"))
        .summary("Who changed a row, when, and what")
        .returns<HistoryDto>()
        .handle(bind(&Handlers::history));

    declared(routes.get("/api/v1/admin/views", "list_saved_views"))
        .summary("One's own saved views")
        .query<ViewsQuery>()
        .returns<SavedViewsDto>()
        .handle(bind(&Handlers::views));
    declared(routes.post("/api/v1/admin/page-preview", "preview_page"))
        .summary("A draft of a page as the shop would show it; nothing is kept")
        .limit_body(2 << 20)
        .body<MarkdownDto>()
        .returns<RenderedDto>()
        .handle(bind(&Handlers::preview_page));
    declared(routes.post("/api/v1/admin/views", "save_view"))
        .summary("Keep a view of a list; the same name again replaces it")
        .body<SavedViewDto>()
        .returns<SavedViewDto>(201)
        .fails({codes::kViewLimit})
        .handle(bind(&Handlers::save_view));
    declared(routes.del("/api/v1/admin/views/{id}", "remove_saved_view"))
        .summary("Forget a saved view")
        .returns_nothing()
        .handle(bind(&Handlers::remove_view));
    declared(routes.get("/api/v1/admin/search", "search_everything"))
        .summary("Orders, customers and products at once")
        .query<SearchQuery>()
        .returns<FoundListDto>()
        .handle(bind(&Handlers::search));
    declared(routes.get("/api/v1/admin/home", "get_admin_home"))
        .summary("Today's figures")
        .returns<HomeDto>()
        .handle(bind(&Handlers::home));
    declared(routes.get("/api/v1/admin/jobs", "list_failed_jobs"))
        .summary("Background work that was given up")
        .returns<DeadJobsDto>()
        .handle(bind(&Handlers::failed_jobs));
    declared(routes.post("/api/v1/admin/jobs/{id}/replay", "replay_failed_job"))
        .summary("Try a given-up job again")
        .returns_nothing()
        .handle(bind(&Handlers::replay_job));
}

}  // namespace stoa::backoffice
