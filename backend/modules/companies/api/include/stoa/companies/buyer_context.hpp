#pragma once
// Who buys, for which company, in which channel, currency and locale. Resolved once per request and passed to every price,
// stock, visibility and checkout call. A consumer is the context without a company.
#include <optional>
#include <string>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/customers/ids.hpp"
#include "stoa/money/money.hpp"

namespace stoa::companies {

using CompanyId = Id<"com">;

struct BuyerContext {
    std::string channel = "web";
    Currency currency;
    std::string locale = "en";
    std::string country = "DE";  // destination: decides tax
    std::optional<customers::CustomerId> customer;
    std::vector<std::string> groups;  // customer groups
    std::optional<CompanyId> company;
    Timestamp at{};
};

}  // namespace stoa::companies
