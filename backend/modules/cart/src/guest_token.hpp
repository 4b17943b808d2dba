#pragma once
#include <string>
#include <string_view>

#include "stoa/cart/ids.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::cart {

// The secret in a guest's cookie. It follows from the cart that it was made for, so that the repeat of a request whose answer was lost can
// be given the same one, although no answer is kept with its cookies. The table has its hash only; merging two carts moves the hash.
inline std::string guest_token_of(std::string_view secret, CartId cart) {
    return crypto::sign_token(secret, "cart.guest", cart.to_string());
}

}  // namespace stoa::cart
