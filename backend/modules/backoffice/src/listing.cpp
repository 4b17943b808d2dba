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

std::string like_pattern(std::string_view text) {
    std::string out = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out + "%";
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

std::vector<std::string> conditions(Statement& statement, const Parts& parts, const ListRequest& request) {
    std::vector<std::string> where;
    if (!request.q.empty()) {
        const auto param = statement.param(like_pattern(request.q), "text");
        std::string condition = parts.search;
        for (auto at = condition.find("{q}"); at != std::string::npos; at = condition.find("{q}", at)) condition.replace(at, 3, param);
        where.push_back("(" + condition + ")");
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
    if (sort.empty()) return out;
    const auto* column = find_column(parts, sort.starts_with('-') ? std::string_view(sort).substr(1) : std::string_view(sort));
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

Page list_page(db::Session& session, const Resource& resource, const ListRequest& request, bool with_total) {
    const auto& parts = resource.parts();
    const bool sorted = !request.sort.empty();
    // Ids are ordered by time where they are uuids: the newest first.
    const bool descending = sorted ? request.sort.starts_with('-') : !parts.prefix.empty();
    const auto* sort =
        sorted ? find_column(parts, descending ? std::string_view(request.sort).substr(1) : std::string_view(request.sort)) : nullptr;

    Statement list;
    auto where = conditions(list, parts, request);
    if (!request.cursor.empty()) {
        const auto cursor = *read_cursor(parts, request.sort, request.cursor);
        const auto than = descending ? " < " : " > ";
        if (sort) {
            const auto value = list.param(cursor.value, sort_type(sort->type));
            where.push_back(fmt::format("({}, t.id){}({}, {})", sql_of(*sort), than, value, list.param(cursor.id, id_type(parts.prefix))));
        } else {
            where.push_back("t.id" + std::string(than) + list.param(cursor.id, id_type(parts.prefix)));
        }
    }
    list.sql = "select t.id::text";
    for (const auto& column : parts.columns) {
        list.sql += ", " + sql_of(column);
        if (column.type == FieldType::money) list.sql += ", " + column.extras.currency;
    }
    if (sort) list.sql += ", (" + sql_of(*sort) + ")::text";
    const auto* direction = descending ? " desc" : "";
    list.sql += fmt::format(" from {} t{} order by {}t.id{} limit {}", parts.source, joined_where(where),
                            sort ? sql_of(*sort) + direction + ", " : "", direction, request.limit + 1);
    list.seal();

    std::vector<db::Rows> answers;
    Statement count;
    if (with_total) {
        const auto all = conditions(count, parts, request);
        count.sql = fmt::format("select count(*) from (select 1 from {} t{} limit {}) as counted", parts.source, joined_where(all),
                                kMostCounted + 1);
        count.seal();
        const db::Call calls[] = {list.call(), count.call()};
        answers = session.pipeline(calls);
    } else {
        answers.push_back(list.run(session));
    }

    Page out;
    const auto& rows = answers.front();
    for (int i = 0; i < std::min(rows.size(), request.limit); ++i) {
        const auto row = rows[i];
        ListRow& shown = out.rows.emplace_back();
        shown.id = outer_id(parts.prefix, row.text(0));
        int at = 1;
        for (const auto& column : parts.columns) shown.cells.push_back(cell_of(column, row, at));
        if (i + 1 == request.limit && rows.size() > request.limit)
            out.next_cursor = write_cursor(request.sort, {sort ? std::string(row.text(at)) : "", std::string(row.text(0))});
    }
    if (with_total) {
        out.total = answers[1].front().get<std::int64_t>(0);
        out.total_is_capped = out.total > kMostCounted;
        out.total = std::min(out.total, kMostCounted);
    }
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
