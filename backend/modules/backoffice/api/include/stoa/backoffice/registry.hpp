#pragma once
// The admin registry: a resource is declared once, and its list, search, filters, form, inline children, history, bulk actions,
// export, import and saved views exist without front-end code.
//
//   registry.add(Resource("tags", "Tags", "Catalogue")
//                    .from("shop.tag", "tag")                                        // a table or view with a column id
//                    .column({"name", "Name", FieldType::text, {.sortable = true}})
//                    .filter({"colour", "Colour", FilterType::select, {{"red", "Red"}, {"blue", "Blue"}}})
//                    .search("t.name ilike {q}")
//                    .form<TagForm>(find_tag, save_tag)
//                    .removed_by(remove_tag)
//                    .action({.name = "hide", .label = "Hide", .run = hide_tags}));
//
// The form is a described struct: its fields, their types, limits and help come from that description. Who may do what follows from the
// name: tags.read, tags.create, tags.update, tags.delete, tags.export, tags.import, and tags.hide for the action.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/idempotency.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"
#include "stoa/result/result.hpp"

namespace stoa::backoffice {

enum class FieldType { text, longtext, integer, money, boolean, select, date, datetime, reference, translations, list, json, image };
[[nodiscard]] json::EnumNames<FieldType> enum_names(FieldType);
enum class FilterType { select, boolean, date, number, reference };
[[nodiscard]] json::EnumNames<FilterType> enum_names(FilterType);

struct Option {
    std::string value;
    std::string label;
};

struct ColumnExtras {
    bool sortable = false;  // only what an index of the source can deliver in order and is never null
    std::string sql;        // over the source as t; empty: t.<name>
    std::string currency;   // of money: likewise
    std::string prefix;     // of a reference: the outside prefix of its uuid
    std::string resource;   // of a reference: what it leads to
    std::string names;      // of a reference: what it is called, likewise; empty: only the id is sent
};
struct Column {
    std::string name;
    std::string label;
    FieldType type = FieldType::text;
    ColumnExtras extras = {};
};

struct Filter {
    std::string name;
    std::string label;
    FilterType type = FilterType::select;
    std::vector<Option> options = {};
    std::string sql = {};       // empty: t.<name>. With {v} in it: the whole condition
    std::string prefix = {};    // of a reference
    std::string resource = {};  // of a reference
};

// A quick way to find rows by words: a query of their ids, limited, where {w} is what was typed.
struct Finder {
    std::string ids;
    int enough = 1;  // when it finds as many, nothing else is looked for
};

// What a write is given: its transaction, by whom, and when.
struct Write {
    db::Tx& tx;
    const http::StaffActor& actor;
    Timestamp now;
};

// What an action would make of something, to be looked at first.
struct Foreseen {
    std::string id;
    std::string label;
    std::optional<Money> before, after;
    std::string note = {};
};
// Whether what is looked at is held until the end of the transaction, so that it is still so when it is changed.
enum class Looking { only, before_change };

// How a field of a form looks beyond what its type says.
struct FieldLook {
    std::string label = {};
    std::optional<FieldType> type = {};
    std::vector<Option> options = {};
    std::string resource = {};  // of a reference
    std::string group = {};
    bool read_only = false;  // shown, never written
    bool fixed = false;      // written once, when the row is made
};

struct Action {
    std::string name;
    std::string label;
    std::string confirm = {};  // asked before; empty: not asked
    bool danger = false;
    const json::StructInfo* input = nullptr;  // its form; null: none
    std::map<std::string, FieldLook> looks = {};
    // Outside ids, 1 to 500, each once. How many it changed, and what to tell; a refusal undoes all of them.
    struct Done {
        std::int64_t changed = 0;
        std::string message = {};
        // What the rows do not show of it: a member of the `after` in each row's entry of the audit log. JSON; empty: nothing.
        std::string audited_as = {};
        std::string audited = {};
    };
    std::function<Result<Done>(Write&, const std::vector<std::string>& ids, const json::Value& input)> run;
    // Its preview; none: it is done without. Who was shown one and confirms it changes exactly that, or nothing.
    std::function<Result<std::vector<Foreseen>>(db::Session&, const std::vector<std::string>& ids, const json::Value& input, Looking)>
        foresee = {};
};

class Resource {
public:
    Resource(std::string name, std::string label, std::string group) {
        parts_.name = std::move(name);
        parts_.label = std::move(label);
        parts_.group = std::move(group);
    }

    // A table or a view (of schema <module>_api) with a column id: a uuid shown with `prefix`, a text when that is empty,
    // or a number when it is "#". The newest come first where ids are uuids or numbers.
    Resource& from(std::string source, std::string prefix = {}) {
        parts_.source = std::move(source);
        parts_.prefix = std::move(prefix);
        return *this;
    }
    Resource& column(Column column) {
        parts_.columns.push_back(std::move(column));
        return *this;
    }
    Resource& filter(Filter filter) {
        parts_.filters.push_back(std::move(filter));
        return *this;
    }
    // The list's order when none is asked for: "-placed_at", a sortable column and the direction. Without it rows go by id. What an index
    // of a filter then delivers in order is the filter's column, this one and the id.
    Resource& newest_by(std::string sort) {
        parts_.newest = std::move(sort);
        return *this;
    }
    // A condition over the source as t. {q} stands behind ILIKE: patterns with the words typed inside, or, of words that are too short for
    // a trigram index, at the beginning of a word. {w} is what was typed.
    Resource& search(std::string condition) {
        parts_.search = std::move(condition);
        return *this;
    }
    // Asked before the search, in the order of their declaration: for what has a beginning that an index finds at once. Short words are
    // looked for by the last of them only.
    Resource& found_first_by(Finder finder) {
        parts_.finders.push_back(std::move(finder));
        return *this;
    }
    template <class Form>
    Resource& form(std::function<std::optional<Form>(db::Session&, std::string_view id)> find,
                   std::function<Result<std::string>(Write&, const std::optional<Form>& before, const Form& after)> save = {}) {
        shows(std::move(find));
        if (save) {
            parts_.save = [save = std::move(save)](Write& write, std::string_view, const json::Value* before,
                                                   const json::Value& after) -> Result<std::string> {
                std::optional<Form> old;
                if (before) {
                    auto parsed = json::from_value<Form>(*before);
                    if (!parsed) return std::unexpected(parsed.error());
                    old = std::move(*parsed);
                }
                auto fresh = json::from_value<Form>(after);
                if (!fresh) return std::unexpected(fresh.error());
                return save(write, old, *fresh);
            };
        }
        return *this;
    }
    // For forms that do not say themselves which row they are: `id` is empty for a new one.
    template <class Form>
    Resource& form_with_id(std::function<std::optional<Form>(db::Session&, std::string_view id)> find,
                           std::function<Result<std::string>(Write&, std::string_view id, const Form& after)> save) {
        shows(std::move(find));
        parts_.save = [save = std::move(save)](Write& write, std::string_view id, const json::Value*,
                                               const json::Value& after) -> Result<std::string> {
            auto fresh = json::from_value<Form>(after);
            if (!fresh) return std::unexpected(fresh.error());
            return save(write, id, *fresh);
        };
        return *this;
    }
    Resource& look(const std::string& field, FieldLook look) {
        parts_.looks[field] = std::move(look);
        return *this;
    }
    // For a row that others change in the middle of their own work: waits for them before a change looks at it and compares versions.
    Resource& locked_by(std::function<void(Write&, std::string_view id)> lock) {
        parts_.lock = std::move(lock);
        return *this;
    }
    // New rows are not made here, only changed.
    Resource& without_create() {
        parts_.creates = false;
        return *this;
    }
    Resource& removed_by(std::function<Result<void>(Write&, std::string_view id)> remove) {
        parts_.remove = std::move(remove);
        return *this;
    }
    // The field that names a row to people ("handle"), so that an import finds it: its outside id.
    Resource& key(std::string field, std::function<std::optional<std::string>(db::Session&, std::string_view value)> find) {
        parts_.key = std::move(field);
        parts_.by_key = std::move(find);
        return *this;
    }
    Resource& action(Action action) {
        parts_.actions.push_back(std::move(action));
        return *this;
    }

    [[nodiscard]] const std::string& name() const { return parts_.name; }

    // What was declared.
    struct Parts {
        std::string name, label, group, source, prefix, newest, search, key;
        std::vector<Finder> finders;
        std::vector<Column> columns;
        std::vector<Filter> filters;
        std::vector<Action> actions;
        std::map<std::string, FieldLook> looks;
        const json::StructInfo* form = nullptr;
        bool creates = true;
        std::function<std::optional<json::Value>(db::Session&, std::string_view)> find;
        std::function<Result<std::string>(Write&, std::string_view id, const json::Value* before, const json::Value& after)> save;
        std::function<Result<void>(Write&, std::string_view)> remove;
        std::function<void(Write&, std::string_view)> lock;
        std::function<std::optional<std::string>(db::Session&, std::string_view)> by_key;
    };
    [[nodiscard]] const Parts& parts() const { return parts_; }

private:
    template <class Form>
    void shows(std::function<std::optional<Form>(db::Session&, std::string_view id)> find) {
        parts_.form = &json::info_of<Form>();
        parts_.find = [find = std::move(find)](db::Session& session, std::string_view id) -> std::optional<json::Value> {
            const auto found = find(session, id);
            if (!found) return std::nullopt;
            auto value = json::parse(json::render(*found), {64 << 20, 64});
            if (!value) throw std::logic_error("registry: a form that is no JSON");
            return std::move(*value);
        };
    }
    Parts parts_;
};

// All resources; filled at start, read by many threads afterwards.
class Registry {
public:
    // Throws std::logic_error for what can never work: a name twice, no source, no column, a fixed field that the form lacks.
    void add(Resource resource);
    [[nodiscard]] const Resource* find(std::string_view name) const;
    [[nodiscard]] const std::deque<Resource>& all() const { return resources_; }

private:
    std::deque<Resource> resources_;
};

// What the search over everything asks (Ctrl-K), and what today's figures are made of; filled by the composition root.
struct Figure {
    std::string name;
    std::string label;
    std::string permission;  // who sees it
    std::string link;        // where the back office shows more
    std::string sql;         // value bigint, currency text (null: a plain number), a row each; {day} is the beginning of the day
};

struct RegistryDeps {
    db::Database& database;
    const Clock& clock;
    http::StaffGate& gate;
    http::AuditLog& audit;
    http::Idempotency& idempotency;
    std::vector<std::string> searched;  // names of resources, in this order
    std::vector<Figure> figures;
};
// /api/v1/admin/resources, /views, /search, /home, /jobs, /audit. `registry` and what `deps` names must outlive the routes.
void add_registry_routes(http::Routes& routes, const Registry& registry, RegistryDeps deps);

}  // namespace stoa::backoffice
