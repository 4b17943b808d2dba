#include "listing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "stoa/crypto/crypto.hpp"

namespace stoa::backoffice {
namespace {

using Parts = Resource::Parts;

const Column* find_column(const Parts& parts, std::string_view name) {
    const auto found = std::ranges::find(parts.columns, name, &Column::name);
    return found == parts.columns.end() ? nullptr : &*found;
}
std::string sql_of(const Column& column) { return column.extras.sql.empty() ? "t." + column.name : column.extras.sql; }

std::string_view sort_type(FieldType type) {
    switch (type) {
        case FieldType::integer:
        case FieldType::money:
            return "bigint";
        case FieldType::datetime:
            return "timestamptz";
        case FieldType::date:
            return "date";
        case FieldType::boolean:
            return "boolean";
        case FieldType::reference:
            return "uuid";
        default:
            return "text";
    }
}

std::string_view id_type(std::string_view prefix) { return prefix.empty() ? "text" : prefix == "#" ? "bigint" : "uuid"; }

// A statement that is put together: its text, and its parameters in order.
struct Statement {
    std::string sql;
    std::vector<db::Param> params;
    std::string param(std::string value, std::string_view type) {
        params.emplace_back(std::move(value));
        return fmt::format("${}::{}", params.size(), type);
    }
    // Statements are prepared by name; one text, one name.
    [[nodiscard]] db::Rows run(db::Session& session) const { return session.run(call()); }
    [[nodiscard]] db::Call call() const {
        // The call is used before the statement goes; its name lives as long.
        return db::Call{{name_, sql}, params};
    }
    void seal() { name_ = "registry." + crypto::hex(crypto::sha256(sql)).substr(0, 24); }

private:
    std::string name_;
};

Failure bad_parameter(std::string_view name, std::string message) {
    return fail_field("?" + std::string(name), "invalid", std::move(message));
}

std::string as_literal(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

// A trigram index knows three characters in a row. Of fewer it would look at every row.
bool is_short(std::string_view text) {
    int run = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0) == 0x80) continue;  // the rest of a character
        const bool is_word = byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        run = is_word ? run + 1 : 0;
        if (run == 3) return false;
    }
    return true;
}

// The text anywhere. One that is short at the beginnings of words, which a trigram index knows from two characters on.
std::vector<std::string> like_patterns(std::string_view text) {
    const auto literal = as_literal(text);
    if (!is_short(text)) return {"%" + literal + "%"};
    return {literal + "%", "% " + literal + "%", "%-" + literal + "%"};
}

// "10..50", "..50", "10..", "10": the two ends.
std::pair<std::string, std::string> range_of(const std::string& value) {
    const auto dots = value.find("..");
    if (dots == std::string::npos) return {value, value};
    return {value.substr(0, dots), value.substr(dots + 2)};
}

bool filter_value_is_good(const Filter& filter, const std::string& value) {
    const auto [from, to] = range_of(value);
    switch (filter.type) {
        case FilterType::select:
            return filter.options.empty() ? value.size() <= 200
                                          : std::ranges::find(filter.options, value, &Option::value) != filter.options.end();
        case FilterType::boolean:
            return value == "true" || value == "false" || value == "1" || value == "0";
        case FilterType::reference:
            return inner_id(filter.prefix, value).has_value();
        case FilterType::date:
            return (from.empty() || parse_iso_date(from)) && (to.empty() || parse_iso_date(to)) && !(from.empty() && to.empty());
        case FilterType::number:
            return (from.empty() || json::Value::string(from).as_int(true)) && (to.empty() || json::Value::string(to).as_int(true)) &&
                   !(from.empty() && to.empty());
    }
    return false;
}

void add_filter(Statement& statement, std::vector<std::string>& where, const Filter& filter, const std::string& value) {
    const auto expression = filter.sql.empty() ? "t." + filter.name : filter.sql;
    const auto condition = [&](const std::string& param) {
        const auto at = expression.find("{v}");
        if (at == std::string::npos) return expression + " = " + param;
        auto out = expression;
        return out.replace(at, 3, param);
    };
    const auto [from, to] = range_of(value);
    switch (filter.type) {
        case FilterType::select:
            where.push_back(condition(statement.param(value, "text")));
            return;
        case FilterType::boolean:
            where.push_back(condition(statement.param(value == "true" || value == "1" ? "t" : "f", "boolean")));
            return;
        case FilterType::reference:
            where.push_back(condition(statement.param(*inner_id(filter.prefix, value), id_type(filter.prefix))));
            return;
        case FilterType::date:
            if (!from.empty()) where.push_back(expression + " >= " + statement.param(from, "date"));
            if (!to.empty()) where.push_back(expression + " < " + statement.param(to, "date") + " + 1");
            return;
        case FilterType::number:
            if (!from.empty()) where.push_back(expression + " >= " + statement.param(from, "bigint"));
            if (!to.empty()) where.push_back(expression + " <= " + statement.param(to, "bigint"));
            return;
    }
}

void replace_all(std::string& text, std::string_view what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

// {q} and {w} of a search.
std::string with_words(Statement& statement, std::string sql, const std::string& words) {
    if (sql.find("{q}") != std::string::npos) {
        statement.params.push_back(db::to_param(like_patterns(words)));
        replace_all(sql, "{q}", fmt::format("any(${}::text[])", statement.params.size()));
    }
    if (sql.find("{w}") != std::string::npos) replace_all(sql, "{w}", statement.param(words, "text"));
    return sql;
}

// The way to look for the words: the first finder that finds enough, or null for the search itself.
const Finder* finder_of(db::Session& session, const Parts& parts, const std::string& words) {
    if (words.empty() || parts.finders.empty()) return nullptr;
    Statement probe;
    probe.sql = "select case";
    for (std::size_t i = 0; i < parts.finders.size(); ++i) {
        const auto& finder = parts.finders[i];
        probe.sql += fmt::format(" when (select count(*) from (select 1 from ({}) as ids limit {}) as probed) >= {} then {}",
                                 with_words(probe, finder.ids, words), finder.enough, finder.enough, i);
    }
    probe.sql += fmt::format(" else {} end::bigint", parts.finders.size());
    probe.seal();
    const auto at = static_cast<std::size_t>(probe.run(session).front().get<std::int64_t>(0));
    if (at < parts.finders.size()) return &parts.finders[at];
    return is_short(words) ? &parts.finders.back() : nullptr;
}

std::vector<std::string> conditions(Statement& statement, const Parts& parts, const ListRequest& request, const Finder* finder) {
    std::vector<std::string> where;
    if (!request.q.empty()) {
        const auto sql = with_words(statement, finder ? finder->ids : parts.search, request.q);
        where.push_back(finder ? "t.id = any(array(" + sql + "))" : "(" + sql + ")");
    }
    for (const auto& [name, value] : request.filters)
        add_filter(statement, where, *std::ranges::find(parts.filters, name, &Filter::name), value);
    return where;
}

std::string joined_where(const std::vector<std::string>& where) {
    std::string out;
    for (const auto& condition : where) out += (out.empty() ? " where " : " and ") + condition;
    return out;
}

struct Cursor {
    std::string value;  // of the sort column; empty without one
    std::string id;     // inner form
};
std::string write_cursor(const std::string& sort, const Cursor& cursor) {
    json::Writer out;
    out.begin_array();
    out.string(sort);
    out.string(cursor.value);
    out.string(cursor.id);
    out.end_array();
    return crypto::base64url(out.text());
}
std::optional<Cursor> read_cursor(const Parts& parts, const std::string& sort, std::string_view text) {
    std::string raw;
    if (text.size() > 2000 || !crypto::base64url_decode(text, raw)) return std::nullopt;
    const auto parsed = json::parse(raw);
    if (!parsed || !parsed->is_array() || parsed->items().size() != 3) return std::nullopt;
    const auto& items = parsed->items();
    if (!std::ranges::all_of(items, &json::Value::is_string) || items[0].text() != sort) return std::nullopt;
    Cursor out{items[1].text(), items[2].text()};
    if (id_type(parts.prefix) == "uuid" && !Uuid::parse(out.id)) return std::nullopt;
    if (id_type(parts.prefix) == "bigint" && !inner_id("#", out.id)) return std::nullopt;
    const std::string_view by = sort.empty() ? std::string_view(parts.newest) : std::string_view(sort);
    if (by.empty()) return out;
    const auto* column = find_column(parts, by.starts_with('-') ? by.substr(1) : by);
    const auto type = sort_type(column->type);
    if (type == "bigint" && !items[1].as_int(true)) return std::nullopt;
    if (type == "timestamptz" && !parse_timestamp(out.value)) return std::nullopt;
    if (type == "date" && !parse_iso_date(out.value)) return std::nullopt;
    if (type == "boolean" && out.value != "t" && out.value != "f") return std::nullopt;
    if (type == "uuid" && !Uuid::parse(out.value)) return std::nullopt;
    return out;
}

Cell cell_of(const Column& column, const db::Row& row, int& at) {
    Cell cell;
    const int here = at++;
    const int currency = column.type == FieldType::money ? at++ : -1;
    const int named = column.type == FieldType::reference && !column.extras.names.empty() ? at++ : -1;
    if (row.is_null(here)) {
        cell.null = true;
        cell.json = "null";
        return cell;
    }
    const std::string text(row.text(here));
    switch (column.type) {
        case FieldType::integer:
            cell.text = cell.json = text;
            return cell;
        case FieldType::boolean:
            cell.text = cell.json = text == "t" ? "true" : "false";
            return cell;
        case FieldType::money: {
            const Money money(db::parse_int(text), Currency::of(row.text(currency)));
            cell.text = money.to_decimal() + " " + std::string(money.currency().code());
            cell.json = fmt::format(R"({{"amount":{},"currency":"{}"}})", money.minor(), money.currency().code());
            return cell;
        }
        case FieldType::datetime:
            cell.text = to_rfc3339(db::parse_db_timestamp(text));
            break;
        case FieldType::reference:
            cell.text = outer_id(column.extras.prefix, text);
            if (named >= 0 && !row.is_null(named)) {
                cell.json = fmt::format(R"({{"id":{},"label":{}}})", json::quote(cell.text), json::quote(row.text(named)));
                return cell;
            }
            break;
        case FieldType::list: {
            json::Writer out;
            out.begin_array();
            for (const auto& item : db::parse_array(text)) {
                cell.text += (cell.text.empty() ? "" : "|") + item.value_or("");
                out.string(item.value_or(""));
            }
            out.end_array();
            cell.json = out.take();
            return cell;
        }
        case FieldType::json:
        case FieldType::translations:
        case FieldType::image:
            cell.text = cell.json = text;
            return cell;
        default:
            cell.text = text;
    }
    cell.json = json::quote(cell.text);
    return cell;
}

}  // namespace

std::optional<std::string> inner_id(std::string_view prefix, std::string_view outside) {
    if (prefix == "#") {
        const auto number = json::Value::string(std::string(outside)).as_int(true);
        if (!number || outside != std::to_string(*number)) return std::nullopt;
        return std::string(outside);
    }
    if (prefix.empty()) {
        if (outside.empty() || outside.size() > 200 || outside.find('\0') != std::string_view::npos) return std::nullopt;
        return std::string(outside);
    }
    if (outside.size() != prefix.size() + 27 || !outside.starts_with(prefix) || outside[prefix.size()] != '_') return std::nullopt;
    const auto uuid = Uuid::parse_base32(outside.substr(prefix.size() + 1));
    if (!uuid) return std::nullopt;
    return uuid->to_string();
}

std::string outer_id(std::string_view prefix, std::string_view inner) {
    if (prefix.empty() || prefix == "#") return std::string(inner);
    return std::string(prefix) + "_" + db::parse_uuid(inner).to_base32();
}

Result<ListRequest> list_request(const Resource& resource, const http::Request& request, bool paged) {
    const auto& parts = resource.parts();
    ListRequest out;
    std::vector<std::string> seen;
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(seen, name) != seen.end()) return bad_parameter(name, "Named twice.");
        seen.push_back(name);
        if (value.empty()) continue;
        if (name == "q") {
            if (parts.search.empty()) return bad_parameter(name, "This list has no search.");
            if (value.size() > 200) return bad_parameter(name, "At most 200 characters.");
            out.q = value;
        } else if (name == "sort") {
            const auto* column = find_column(parts, value.starts_with('-') ? std::string_view(value).substr(1) : std::string_view(value));
            if (!column || !column->extras.sortable) return bad_parameter(name, "The list cannot be sorted by this.");
            out.sort = value;
        } else if (name == "cursor" && paged) {
            out.cursor = value;
        } else if (name == "limit" && paged) {
            const auto number = json::Value::string(value).as_int(true);
            if (!number || *number < 1 || *number > 200) return bad_parameter(name, "From 1 to 200.");
            out.limit = static_cast<int>(*number);
        } else if (name.starts_with("filter[") && name.ends_with("]")) {
            const auto filter = std::ranges::find(parts.filters, name.substr(7, name.size() - 8), &Filter::name);
            if (filter == parts.filters.end()) return bad_parameter(name, "There is no such filter.");
            if (!filter_value_is_good(*filter, value)) return bad_parameter(name, "This value does not fit the filter.");
            out.filters.emplace_back(filter->name, value);
        } else if (name != "format" || paged) {
            return bad_parameter(name, "There is no such parameter.");
        }
    }
    if (!out.cursor.empty() && !read_cursor(parts, out.sort, out.cursor))
        return bad_parameter("cursor", "This cursor is not one of this list.");
    return out;
}

namespace {

// How the rows of a list follow each other.
struct Order {
    const Column* column = nullptr;  // null: by id alone
    bool descending = false;

    Order(const Parts& parts, const ListRequest& request) {
        const std::string_view sort = request.sort.empty() ? std::string_view(parts.newest) : std::string_view(request.sort);
        if (sort.empty()) {
            // Ids are ordered by time where they are uuids: the newest first.
            descending = !parts.prefix.empty();
            return;
        }
        descending = sort.starts_with('-');
        column = find_column(parts, descending ? sort.substr(1) : sort);
    }
    // "a desc, b desc"; the column's value is `value`.
    [[nodiscard]] std::string by(const std::string& value, const std::string& id) const {
        const auto* direction = descending ? " desc" : "";
        return fmt::format("{}{}{}", column ? value + direction + ", " : "", id, direction);
    }
    [[nodiscard]] std::string behind(Statement& statement, const Parts& parts, const Cursor& cursor, const std::string& value,
                                     const std::string& id) const {
        const auto* than = descending ? "<" : ">";
        if (!column) return fmt::format("{} {} {}", id, than, statement.param(cursor.id, id_type(parts.prefix)));
        const auto from = statement.param(cursor.value, sort_type(column->type));
        return fmt::format("({}, {}) {} ({}, {})", value, id, than, from, statement.param(cursor.id, id_type(parts.prefix)));
    }
};

std::string shown_columns(const Parts& parts, const Order& order) {
    std::string out = "t.id::text";
    for (const auto& column : parts.columns) {
        out += ", " + sql_of(column);
        if (column.type == FieldType::money) out += ", " + column.extras.currency;
        if (column.type == FieldType::reference && !column.extras.names.empty()) out += ", (" + column.extras.names + ")::text";
    }
    if (order.column) out += ", (" + sql_of(*order.column) + ")::text";
    return out;
}

// Walks the rows in their order until a page is full: for lists of which a good part fits.
Statement walk(const Parts& parts, const ListRequest& request, const Order& order, const Finder* finder) {
    Statement out;
    auto where = conditions(out, parts, request, finder);
    const auto value = order.column ? sql_of(*order.column) : std::string();
    if (!request.cursor.empty())
        where.push_back(order.behind(out, parts, *read_cursor(parts, request.sort, request.cursor), value, "t.id"));
    out.sql = fmt::format("select {} from {} t{} order by {} limit {}", shown_columns(parts, order), parts.source, joined_where(where),
                          order.by(value, "t.id"), request.limit + 1);
    out.seal();
    return out;
}

// All that fit, up to the most that is counted, and of these the page: for lists that may have few rows, in the middle of many. The first
// column says how many there are.
Statement gather(const Parts& parts, const ListRequest& request, const Order& order, const Finder* finder) {
    Statement out;
    const auto where = conditions(out, parts, request, finder);
    const auto value = order.column ? ", " + sql_of(*order.column) + " as at" : std::string();
    const auto behind = request.cursor.empty()
                            ? std::string()
                            : " where " + order.behind(out, parts, *read_cursor(parts, request.sort, request.cursor), "f.at", "f.id");
    out.sql = fmt::format(
        "with found as materialized (select t.id{} from {} t{} limit {}), page as materialized (select f.id{} from found f{} order by {} "
        "limit {}) select (select count(*) from found), {} from page p join {} t on t.id = p.id order by {}",
        value, parts.source, joined_where(where), kMostCounted + 1, order.column ? ", f.at" : "", behind, order.by("f.at", "f.id"),
        request.limit + 1, shown_columns(parts, order), parts.source, order.by("p.at", "p.id"));
    out.seal();
    return out;
}

Statement count(const Parts& parts, const ListRequest& request, const Finder* finder) {
    Statement out;
    const auto where = conditions(out, parts, request, finder);
    out.sql =
        fmt::format("select count(*) from (select 1 from {} t{} limit {}) as counted", parts.source, joined_where(where), kMostCounted + 1);
    out.seal();
    return out;
}

// Sessions plan a statement once, without knowing its values (force_generic_plan). Which index is the good one for a list depends on the
// values of its filters, so lists are planned for theirs; until the end of the transaction, which without another one is the pipeline.
db::Rows planned_for_its_values(db::Session& session, const Statement& statement) {
    const db::Call calls[] = {
        db::call(db::Query{"registry.plan_for_values", "select set_config('plan_cache_mode', 'force_custom_plan', true)"}),
        statement.call()};
    return std::move(session.pipeline(calls)[1]);
}

}  // namespace

Page list_page(db::Session& session, const Resource& resource, const ListRequest& request, bool with_total) {
    const auto& parts = resource.parts();
    const Order order(parts, request);
    const auto* finder = finder_of(session, parts, request.q);

    db::Rows rows;
    int first = 0;  // column of the row's id
    std::optional<std::int64_t> total;
    if (request.q.empty() && request.filters.empty()) {
        const auto list = walk(parts, request, order, finder);
        if (with_total) {
            const auto all = count(parts, request, finder);
            const db::Call calls[] = {list.call(), all.call()};
            auto answers = session.pipeline(calls);
            rows = std::move(answers[0]);
            total = answers[1].front().get<std::int64_t>(0);
        } else {
            rows = list.run(session);
        }
    } else {
        if (!request.has_many) {
            rows = planned_for_its_values(session, gather(parts, request, order, finder));
            first = 1;
            if (!rows.empty()) {
                total = rows.front().get<std::int64_t>(0);
            } else if (with_total) {
                // Nothing is behind the cursor.
                total = request.cursor.empty()
                            ? 0
                            : planned_for_its_values(session, count(parts, request, finder)).front().get<std::int64_t>(0);
            }
        }
        // More than was gathered: the page may be made of others. What words find is all that is looked at, whatever it is.
        if (request.has_many || (request.q.empty() && total.value_or(0) > kMostCounted)) {
            rows = planned_for_its_values(session, walk(parts, request, order, finder));
            first = 0;
            total = kMostCounted + 1;
        }
    }

    Page out;
    for (int i = 0; i < std::min(rows.size(), request.limit); ++i) {
        const auto row = rows[i];
        ListRow& shown = out.rows.emplace_back();
        shown.id = outer_id(parts.prefix, row.text(first));
        int at = first + 1;
        for (const auto& column : parts.columns) shown.cells.push_back(cell_of(column, row, at));
        if (i + 1 == request.limit && rows.size() > request.limit)
            out.next_cursor = write_cursor(request.sort, {order.column ? std::string(row.text(at)) : "", std::string(row.text(first))});
    }
    out.total_is_capped = total.value_or(0) > kMostCounted;
    out.total = std::min(total.value_or(0), kMostCounted);
    return out;
}

std::string page_json(const Resource& resource, const Page& page) {
    const auto& parts = resource.parts();
    json::Writer out;
    out.begin_object();
    out.key("rows");
    out.begin_array();
    for (const auto& row : page.rows) {
        out.begin_object();
        out.member("id", row.id);
        for (std::size_t i = 0; i < parts.columns.size(); ++i) {
            out.key(parts.columns[i].name);
            out.raw(row.cells[i].json);
        }
        out.end_object();
    }
    out.end_array();
    out.key("next_cursor");
    if (page.next_cursor)
        out.string(*page.next_cursor);
    else
        out.null();
    out.member("total", page.total);
    out.member("total_is_capped", page.total_is_capped);
    out.end_object();
    return out.take();
}

}  // namespace stoa::backoffice
