// Routes of the cart. Every change answers with the whole cart.
#include <algorithm>
#include <charconv>

#include "codes.hpp"
#include "guest_token.hpp"
#include "http/dto.hpp"
#include "stoa/cart/make.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::cart {
namespace {

constexpr std::string_view kCookie = "stoa_cart";
constexpr std::int64_t kCookieSeconds = 60 * 24 * 3600;

class CartRoutes {
public:
    CartRoutes(Carts& carts, db::Database& database, http::Idempotency& idempotency, redis::Redis* redis, const CartOptions& options)
        : carts_(carts),
          database_(database),
          idempotency_(idempotency),
          redis_(redis),
          secure_(options.secure_cookies),
          secret_(options.secret) {}

    http::Response get(const http::Request& request) const {
        const auto defaults = http::query_as<CartDefaultsQuery>(request);
        if (!defaults) return http::problem(defaults.error());
        const auto visitor = carts_.visitor(request);
        const auto view = database_.read([&](db::Session& session) {
            auto cart = carts_.find(session, visitor);
            return cart ? carts_.view(session, std::move(*cart), visitor.customer, {.goods = catalog::Freshness::recent})
                        : carts_.empty_view(visitor);
        });
        return answer(http::ok(view.dto));
    }

    http::Response create(const http::Request& request) const {
        if (const auto defaults = http::query_as<CartDefaultsQuery>(request); !defaults) return http::problem(defaults.error());
        if (const auto body = http::body_as<EmptyDto>(request); !body) return http::problem(body.error());
        return change(request, 201, [&](db::Tx& tx, const Visitor& visitor) { return carts_.create(tx, visitor); });
    }

    http::Response add_line(const http::Request& request) const {
        if (const auto defaults = http::query_as<CartDefaultsQuery>(request); !defaults) return http::problem(defaults.error());
        const auto body = http::body_as<AddLineDto>(request);
        if (!body) return http::problem(body.error());
        const auto visitor = carts_.visitor(request);
        if (const auto key = request.header("idempotency-key"); !key.empty() && is_stranger(visitor) && !holds_uuid(key)) {
            Error error;
            error.kind = ErrorKind::malformed;
            error.code = "http.idempotency_key_invalid";
            error.message = "Before there is a cart the Idempotency-Key has to hold a UUID: others may number theirs alike.";
            return http::problem(error);
        }
        std::string token;
        auto response = idempotency_.run(request, scope(request, visitor), [&](db::Tx& tx) -> Result<http::Response> {
            auto changed = carts_.add_line(tx, visitor, body->variant_id, body->quantity, body->gift);
            if (!changed) return std::unexpected(changed.error());
            token = changed->guest_token;
            return http::created(changed->view.dto);
        });
        if (token.empty() && !visitor.customer && response.status < 400) token = token_of(response, visitor);
        return answer(std::move(response), token);
    }

    http::Response change_line(const http::Request& request) const {
        const auto line = http::id_param<LineId>(request, "line_id");
        const auto body = http::body_as<ChangeLineDto>(request);
        if (!body) return http::problem(body.error());
        if (!body->quantity && !body->gifts)
            return http::problem(fail_field("/quantity", "required", "There is nothing to change.").error());
        const auto version = expected_version(request);
        return change(request, 200, [&](db::Tx& tx, const Visitor& visitor) {
            return carts_.change_line(tx, visitor, line, {body->quantity, body->gifts}, version);
        });
    }

    http::Response remove_line(const http::Request& request) const {
        const auto line = http::id_param<LineId>(request, "line_id");
        const auto version = expected_version(request);
        return change(request, 200, [&](db::Tx& tx, const Visitor& visitor) { return carts_.set_quantity(tx, visitor, line, 0, version); });
    }

    http::Response add_code(const http::Request& request) const {
        if (const auto defaults = http::query_as<CartDefaultsQuery>(request); !defaults) return http::problem(defaults.error());
        const auto body = http::body_as<AddCodeDto>(request);
        if (!body) return http::problem(body.error());
        if (redis_) {
            const auto allowance = redis_->take("cart.codes:" + request.remote_ip, {30, 0.2});
            if (!allowance.allowed) {
                Error error;
                error.kind = ErrorKind::limited;
                error.code = std::string(codes::kCodesLimited);
                error.message = "Too many codes were tried. Please wait a little.";
                error.retry_after_seconds = allowance.retry_after_seconds;
                return http::problem(error);
            }
        }
        return change(request, 200, [&](db::Tx& tx, const Visitor& visitor) { return carts_.add_code(tx, visitor, body->code); });
    }

    http::Response remove_code(const http::Request& request) const {
        return change(request, 200,
                      [&](db::Tx& tx, const Visitor& visitor) { return carts_.remove_code(tx, visitor, request.param("code")); });
    }

    http::Response set_context(const http::Request& request) const {
        const auto body = http::body_as<SetContextDto>(request);
        if (!body) return http::problem(body.error());
        const auto version = expected_version(request);
        return change(request, 200, [&](db::Tx& tx, const Visitor& visitor) {
            return carts_.set_context(tx, visitor, {body->currency, body->locale, body->country}, version);
        });
    }

private:
    template <class Body>
    http::Response change(const http::Request& request, int status, Body&& body) const {
        const auto visitor = carts_.visitor(request);
        const auto changed = database_.in_tx([&](db::Tx& tx) -> Result<Changed> { return body(tx, visitor); });
        if (!changed) return http::problem(changed.error());
        return answer(http::json_text(status, json::render(changed->view.dto)), changed->guest_token);
    }

    http::Response answer(http::Response response, const std::string& guest_token = {}) const {
        response.header("cache-control", "private, no-store");
        if (!guest_token.empty() && response.status < 400) response.set_cookie(kCookie, guest_token, kCookieSeconds, secure_);
        return response;
    }

    // The first thing of a guest was put in a cart before, but the answer with the cookie was lost: the repeated one has it again. Empty
    // when that cart has another secret by now.
    [[nodiscard]] std::string token_of(const http::Response& replayed, Visitor visitor) const {
        const auto cart = json::parse(replayed.content());
        const auto id = CartId::parse(cart ? cart->text_or("id") : "");
        if (!id) return {};
        visitor.guest_token = guest_token_of(secret_, *id);
        const bool theirs = database_.read([&](db::Session& session) {
            const auto found = carts_.find(session, visitor);
            return found && found->id == *id;
        });
        return theirs ? visitor.guest_token : std::string();
    }

    // Nothing is known of who asks: the answer brings the cookie of a cart.
    static bool is_stranger(const Visitor& visitor) { return !visitor.customer && visitor.guest_token.empty(); }

    // 32 hexadecimal digits in a row, hyphens aside: nobody comes upon the same by counting.
    static bool holds_uuid(std::string_view key) {
        int digits = 0;
        return std::ranges::any_of(key, [&](char c) {
            const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            digits = is_digit ? digits + 1 : c == '-' ? digits : 0;
            return digits == 32;
        });
    }

    // Keys of two people never meet. A guest without a cart yet is told apart by address and browser, which several may share (a kiosk, an
    // app behind one address): it is the key that nobody else can have.
    static std::string scope(const http::Request& request, const Visitor& visitor) {
        if (visitor.customer) return "customer:" + visitor.customer->id.to_string();
        if (!visitor.guest_token.empty()) return "cart:" + crypto::hex(crypto::sha256(visitor.guest_token)).substr(0, 32);
        return "guest:" + crypto::hex(crypto::sha256(request.remote_ip + "\n" + std::string(request.header("user-agent")))).substr(0, 32);
    }

    // If-Match: "7"
    static std::optional<std::int64_t> expected_version(const http::Request& request) {
        auto text = request.header("if-match");
        if (text.empty() || text == "*") return std::nullopt;
        if (text.starts_with('"') && text.ends_with('"') && text.size() > 2) text = text.substr(1, text.size() - 2);
        std::int64_t version = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
        if (error != std::errc{} || end != text.data() + text.size()) {
            throw http::ProblemException(
                {ErrorKind::malformed, "http.if_match_malformed", "If-Match takes the version of the cart.", {}, {}, {}, 0});
        }
        return version;
    }

    Carts& carts_;
    db::Database& database_;
    http::Idempotency& idempotency_;
    redis::Redis* redis_;
    bool secure_;
    std::string secret_;
};

}  // namespace

void add_cart_routes(http::Routes& routes, Carts& carts, db::Database& database, http::Idempotency& idempotency, redis::Redis* redis,
                     const CartOptions& options) {
    const auto own = std::make_shared<const CartRoutes>(carts, database, idempotency, redis, options);
    using R = const http::Request&;
    routes.get("/api/v1/cart", "get_cart")
        .tag("cart")
        .summary("The visitor's cart")
        .description("An empty cart with version 0 when there is none; nothing is created.")
        .query<CartDefaultsQuery>()
        .returns<CartDto>()
        .handle([own](R r) { return own->get(r); });
    routes.post("/api/v1/cart", "create_cart")
        .tag("cart")
        .summary("Make sure there is a cart")
        .body<EmptyDto>()
        .query<CartDefaultsQuery>()
        .returns<CartDto>(201)
        .handle([own](R r) { return own->create(r); });
    routes.post("/api/v1/cart/lines", "add_cart_line")
        .tag("cart")
        .summary("Add a variant to the cart")
        .body<AddLineDto>()
        .query<CartDefaultsQuery>()
        .returns<CartDto>(201)
        .description("The Idempotency-Key of a guest who has no cart yet has to hold a UUID.")
        .idempotency_optional()
        .fails({codes::kVariantUnknown, codes::kVariantUnavailable, codes::kOutOfStock, codes::kQuantityLimit, codes::kLineLimit})
        .handle([own](R r) { return own->add_line(r); });
    routes.patch("/api/v1/cart/lines/{line_id}", "set_cart_line_quantity")
        .tag("cart")
        .summary("Change a line's quantity, or whom its gift cards are for")
        .description("The quantity 0 removes the line. If-Match may carry the version of the cart that was seen.")
        .body<ChangeLineDto>()
        .returns<CartDto>()
        .fails({codes::kLineUnknown, codes::kVariantUnknown, codes::kVariantUnavailable, codes::kQuantityLimit, codes::kVersionConflict})
        .handle([own](R r) { return own->change_line(r); });
    routes.del("/api/v1/cart/lines/{line_id}", "remove_cart_line")
        .tag("cart")
        .summary("Remove a line")
        .returns<CartDto>()
        .fails({codes::kLineUnknown, codes::kVersionConflict})
        .handle([own](R r) { return own->remove_line(r); });
    routes.post("/api/v1/cart/codes", "add_cart_code")
        .tag("cart")
        .summary("Enter a promotion code")
        .description("Also 200 when the code does not apply now: codes[].reason says why.")
        .body<AddCodeDto>()
        .query<CartDefaultsQuery>()
        .returns<CartDto>()
        .fails({codes::kCodeUnknown, codes::kCodeLimit, codes::kCodesLimited})
        .handle([own](R r) { return own->add_code(r); });
    routes.del("/api/v1/cart/codes/{code}", "remove_cart_code")
        .tag("cart")
        .summary("Take a promotion code out")
        .returns<CartDto>()
        .fails({codes::kCodeUnknown})
        .handle([own](R r) { return own->remove_code(r); });
    routes.patch("/api/v1/cart", "set_cart_context")
        .tag("cart")
        .summary("Change currency, language or destination")
        .body<SetContextDto>()
        .returns<CartDto>()
        .fails({codes::kVersionConflict})
        .handle([own](R r) { return own->set_context(r); });
}

}  // namespace stoa::cart
