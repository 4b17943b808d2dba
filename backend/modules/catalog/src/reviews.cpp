#include "reviews.hpp"

#include "stoa/text/text.hpp"

namespace stoa::catalog {

ReviewState first_state(bool verified, std::string_view title, std::string_view body) {
    if (!verified) return ReviewState::pending;
    for (const auto text : {title, body}) {
        const auto plain = text::fold(text);
        for (const std::string_view sign : {"http:", "https:", "www.", "@"}) {
            if (plain.find(sign) != std::string::npos) return ReviewState::pending;
        }
    }
    return ReviewState::approved;
}

}  // namespace stoa::catalog
