#pragma once
// The products as a process last knew them, in a file: whoever starts reads it, and from PostgreSQL only what changed since. The file is a
// cache: at the least doubt it is not used.
#include <expected>

#include "snapshot.hpp"

namespace stoa::search {

struct KeptCatalogue {
    std::string origin;                   // the event at `position`, which no other database has there
    std::string structure;                // fingerprint of what entries refer to by number
    std::vector<std::string> currencies;  // likewise
    std::string channel;
    std::int64_t position = 0;
    Timestamp read_at{};  // products and prices
    std::int64_t day = 0;
    std::vector<pricing::ContractList> contract_lists;
    std::vector<EntryPtr> entries;
};

[[nodiscard]] std::string fingerprint_of(const Structure& structure);
// Whoever reads meanwhile finds the old file or the new one. Throws std::runtime_error when it cannot be written.
void write_catalogue(const std::string& path, const KeptCatalogue& kept);
// Otherwise the reason; empty: there is no file.
[[nodiscard]] std::expected<KeptCatalogue, std::string> read_catalogue(const std::string& path);

}  // namespace stoa::search
