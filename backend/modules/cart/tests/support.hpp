#pragma once
#include "../../pricing/tests/tax_table.hpp"

namespace stoa::cart {

inline const pricing::TaxTable& shipped_tax_table() {
    static const auto table = pricing::shipped_tax_table();
    return table;
}

}  // namespace stoa::cart
