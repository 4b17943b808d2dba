// What Vendo sends: the form of a postback and the XML of the reconciliation list. Any bytes are read without a crash, and no entity
// brings in what the document does not say itself.
#include <cstdlib>

#include "vendo/gateway.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::size_t bytes = 0;
    for (const auto& [name, value] : stoa::payments::vendo::parse_form(text)) bytes += name.size() + value.size();
    if (bytes > size) std::abort();
    std::string error;
    const auto rows = stoa::payments::vendo::parse_reconciliation(text, error);
    if (!rows && error.empty()) std::abort();
    if (rows) {
        for (const auto& row : *rows) {
            if (row.reference.size() > size || row.reference.starts_with("root:")) std::abort();
        }
    }
    return 0;
}
