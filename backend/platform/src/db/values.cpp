// Text to values and back: rows, parameters, arrays.
#include <fmt/format.h>

#include <charconv>

#include "db/connection.hpp"
#include "db/rows.hpp"

namespace stoa::db {

Rows::Rows() = default;
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

int Rows::size() const { return result_ ? PQntuples(result_->result.get()) : 0; }

std::int64_t Rows::affected() const {
    if (!result_) return 0;
    const std::string_view text = PQcmdTuples(result_->result.get());
    return text.empty() ? 0 : parse_int(text);
}

bool Row::is_null(int column) const { return PQgetisnull(result_->result.get(), index_, column) == 1; }

std::string_view Row::text(int column) const {
    const PGresult* result = result_->result.get();
    return {PQgetvalue(result, index_, column), static_cast<std::size_t>(PQgetlength(result, index_, column))};
}

int Row::index_of(std::string_view column) const {
    if (!result_ || index_ >= PQntuples(result_->result.get()))
        throw std::logic_error(fmt::format("column '{}' was asked for, but there is no such row", column));
    const PGresult* result = result_->result.get();
    const int count = PQnfields(result);
    for (int i = 0; i < count; ++i) {
        if (column == PQfname(result, i)) return i;
    }
    throw std::logic_error(fmt::format("the result has no column '{}'", column));
}

Money Row::money(std::string_view amount_column, std::string_view currency_column) const {
    return {get<std::int64_t>(amount_column), get<Currency>(currency_column)};
}

void throw_null_column(const Row& row, int column) {
    (void)row;
    throw std::logic_error(fmt::format("column {} is NULL, but its C++ type is not optional", column));
}

Uuid parse_uuid(std::string_view text) {
    const auto value = Uuid::parse(text);
    if (!value) throw std::logic_error(fmt::format("'{}' is not a uuid", text));
    return *value;
}

std::int64_t parse_int(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) throw std::logic_error(fmt::format("'{}' is not a whole number", text));
    return value;
}

Timestamp parse_db_timestamp(std::string_view text) {
    const auto value = parse_timestamp(text);
    if (!value) throw std::logic_error(fmt::format("'{}' is not a time", text));
    return *value;
}

Date parse_db_date(std::string_view text) {
    const auto value = parse_iso_date(text);
    if (!value) throw std::logic_error(fmt::format("'{}' is not a date", text));
    return *value;
}

// Arrays of one dimension, as PostgreSQL writes them: {a,"b c",NULL}.
std::vector<Param> parse_array(std::string_view literal) {
    std::vector<Param> out;
    const auto wrong = [&] { throw std::logic_error(fmt::format("'{}' is not a one-dimensional array", literal)); };
    if (literal.size() < 2 || literal.front() != '{' || literal.back() != '}') wrong();
    const std::string_view inside = literal.substr(1, literal.size() - 2);
    if (inside.empty()) return out;
    std::size_t at = 0;
    for (;;) {
        std::string item;
        bool quoted = false;
        if (at < inside.size() && inside[at] == '"') {
            quoted = true;
            for (++at; at < inside.size() && inside[at] != '"'; ++at) {
                if (inside[at] == '\\' && ++at == inside.size()) wrong();
                item.push_back(inside[at]);
            }
            if (at == inside.size()) wrong();
            ++at;
        } else {
            for (; at < inside.size() && inside[at] != ','; ++at) {
                if (inside[at] == '{' || inside[at] == '"') wrong();
                if (inside[at] == '\\' && ++at == inside.size()) wrong();
                item.push_back(inside[at]);
            }
        }
        if (!quoted && item == "NULL")
            out.emplace_back(std::nullopt);
        else
            out.emplace_back(std::move(item));
        if (at == inside.size()) return out;
        if (inside[at] != ',') wrong();
        ++at;
    }
}

std::string array_literal(std::span<const Param> items) {
    std::string out = "{";
    for (const Param& item : items) {
        if (out.size() > 1) out += ',';
        if (!item) {
            out += "NULL";
            continue;
        }
        out += '"';
        for (const char c : *item) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    out += '}';
    return out;
}

void append_copy_value(std::string& line, const Param& value) {
    if (!value) {
        line += "\\N";
        return;
    }
    for (const char c : *value) {
        switch (c) {
            case '\\':
                line += "\\\\";
                break;
            case '\t':
                line += "\\t";
                break;
            case '\n':
                line += "\\n";
                break;
            case '\r':
                line += "\\r";
                break;
            case '\0':
                throw DbError("22021", "", "copy: a value contains the character U+0000");
            default:
                line += c;
        }
    }
}

std::string copy_line(std::span<const Param> values) {
    std::string line;
    for (const Param& value : values) {
        if (&value != values.data()) line += '\t';
        append_copy_value(line, value);
    }
    line += '\n';
    return line;
}

}  // namespace stoa::db
