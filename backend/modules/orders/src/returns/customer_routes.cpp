// My Account's returns, and a guest's by the order's link.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "returns/dto.hpp"

namespace stoa::orders {
namespace {

constexpr std::size_t kMostPhotos = 6;
constexpr std::size_t kPhotoBytes = 12 << 20;

struct ReturnLineInput {
    OrderLineId line_id;
    std::int64_t quantity = 1;
    ReturnReason reason = ReturnReason::other;
    std::string comment;
    std::optional<catalog::VariantId> exchange_variant_id;
};
void describe(json::Struct<ReturnLineInput>& d) {
    d.name("ReturnLineInput");
    d.field<&ReturnLineInput::line_id>("line_id");
    d.field<&ReturnLineInput::quantity>("quantity").min(1).max(100000);
    d.field<&ReturnLineInput::reason>("reason");
    d.field<&ReturnLineInput::comment>("comment").max_length(500).optional();
    d.field<&ReturnLineInput::exchange_variant_id>("exchange_variant_id", "One of the line's exchanges, instead of the money.");
}
struct ReturnInput {
    std::string comment;
    std::vector<ReturnLineInput> lines;
    std::vector<ReturnPhotoId> photos;
};
void describe(json::Struct<ReturnInput>& d) {
    d.name("ReturnInput");
    d.field<&ReturnInput::comment>("comment").max_length(1000).optional();
    d.field<&ReturnInput::lines>("lines").min_length(1).max_length(200);
    d.field<&ReturnInput::photos>("photos", "What add_return_photos answered.").max_length(kMostPhotos).optional();
}
struct ReturnPhotosDto {
    std::vector<ReturnPhotoId> ids;
};
void describe(json::Struct<ReturnPhotosDto>& d) {
    d.name("ReturnPhotos");
    d.field<&ReturnPhotosDto::ids>("ids", "In the order of the files.");
}
struct ExchangeDto {
    catalog::VariantId variant_id;
    std::string sku, options_text;
    std::int64_t available = 0;
};
void describe(json::Struct<ExchangeDto>& d) {
    d.name("ReturnExchange").doc("Another variant of the product at the same price.");
    d.field<&ExchangeDto::variant_id>("variant_id");
    d.field<&ExchangeDto::sku>("sku");
    d.field<&ExchangeDto::options_text>("options_text");
    d.field<&ExchangeDto::available>("available", "Units in stock now.");
}
struct ReturnableLineDto {
    OrderLineId line_id;
    std::string sku, name, options_text;
    std::int64_t quantity = 0;
    ReturnObstacle obstacle = ReturnObstacle::none;
    std::string excluded_reason;
    std::vector<ExchangeDto> exchanges;
};
void describe(json::Struct<ReturnableLineDto>& d) {
    d.name("ReturnableLine");
    d.field<&ReturnableLineDto::line_id>("line_id");
    d.field<&ReturnableLineDto::sku>("sku");
    d.field<&ReturnableLineDto::name>("name");
    d.field<&ReturnableLineDto::options_text>("options_text");
    d.field<&ReturnableLineDto::quantity>("quantity", "Units that can be returned now.");
    d.field<&ReturnableLineDto::obstacle>("obstacle", "Why none can.");
    d.field<&ReturnableLineDto::excluded_reason>("excluded_reason", "In the shop's words, where the goods are excluded.");
    d.field<&ReturnableLineDto::exchanges>("exchanges");
}
struct OrderReturnsDto {
    std::string order_number;
    Timestamp until;
    std::int64_t days = 0, most_photos = static_cast<std::int64_t>(kMostPhotos);
    std::vector<ReturnableLineDto> returnable;
    std::vector<ReturnDto> returns;
};
void describe(json::Struct<OrderReturnsDto>& d) {
    d.name("OrderReturns");
    d.field<&OrderReturnsDto::order_number>("order_number");
    d.field<&OrderReturnsDto::until>("until", "The last moment to ask for a return.");
    d.field<&OrderReturnsDto::days>("days", "For how long after the delivery goods may come back.");
    d.field<&OrderReturnsDto::most_photos>("most_photos", "With one return.");
    d.field<&OrderReturnsDto::returnable>("returnable");
    d.field<&OrderReturnsDto::returns>("returns");
}
struct OwnerQuery {
    std::optional<std::string> token;
};
void describe(json::Struct<OwnerQuery>& d) {
    d.name("OrderReturnsQuery");
    d.field<&OwnerQuery::token>("token", "Of the order's signed link, for those without an account.").max_length(400);
}

Failure not_mine() { return fail(ErrorKind::not_found, "orders.not_found", "There is no such order."); }

}  // namespace

void Service::add_customer_routes(http::Routes& routes, customers::Customers& customers) {
    const auto shown = [this](db::Session& session, const StoredReturn& back) {
        return to_dto(back, labels_of(session, {back}), Reader::buyer);
    };
    // Who may see an order: by the link's token, else by the account. The scope is whose idempotency keys they are.
    struct Owner {
        OrderId order;
        std::string scope;
    };
    const auto owner_of = [this, &customers](const http::Request& request) -> Result<Owner> {
        const auto query = http::query_as<OwnerQuery>(request);
        if (!query) return std::unexpected(query.error());
        const auto by_token = query->token ? deps_.orders.read_view_token(*query->token) : std::nullopt;
        const auto customer = query->token ? std::nullopt : customers.current(request);
        if (!by_token && !customer) return not_mine();
        return deps_.database.read([&](db::Session& session) -> Result<Owner> {
            const auto id = by_token ? by_token : deps_.orders.find_number(session, request.param("number"));
            const auto header = id ? deps_.orders.header(session, *id) : std::nullopt;
            if (!header || header->number != request.param("number") || (!by_token && header->customer != customer->id)) return not_mine();
            return Owner{*id, by_token ? "order:" + id->to_string() : "customer:" + customer->id.to_string()};
        });
    };
    const auto overview = [this](db::Session& session, OrderId id) -> Result<OrderReturnsDto> {
        const auto order = load_sold(session, deps_, id);
        if (!order) return not_mine();
        const auto terms = returns_.terms(session, id);
        OrderReturnsDto out;
        out.order_number = order->number;
        out.until = terms.until;
        out.days = terms.days;
        const auto swaps = returns_.swaps(session, *order);
        for (std::size_t i = 0; i < order->names.size(); ++i) {
            const auto most = returnable(*order, i, terms);
            const auto& names = order->names[i];
            ReturnableLineDto line{names.id, names.sku, names.name, names.options_text, most.quantity, most.obstacle, {}, {}};
            if (most.obstacle == ReturnObstacle::excluded) {
                const auto excluded = std::ranges::find(terms.excluded, names.product);
                line.excluded_reason = terms.excluded_reasons[static_cast<std::size_t>(excluded - terms.excluded.begin())];
            }
            if (most.quantity > 0) {
                for (const auto& swap : swaps) {
                    if (swap.instead_of == catalog::VariantId(order->content.lines[i].variant) && swap.available > 0)
                        line.exchanges.push_back({swap.variant, swap.sku, swap.options_text, swap.available});
                }
            }
            out.returnable.push_back(std::move(line));
        }
        const auto returns = returns_.of_order(session, id);
        const auto labels = labels_of(session, returns);
        for (const auto& back : returns) out.returns.push_back(to_dto(back, labels, Reader::buyer));
        return out;
    };
    const auto ask = [this, shown](db::Tx& tx, OrderId id, const ReturnInput& input) -> Result<http::Response> {
        const auto order = lock_sold(tx, deps_, id);
        if (!order) return std::unexpected(order.error());
        std::vector<NewReturnLine> lines;
        for (const auto& line : input.lines)
            lines.push_back({line.line_id, line.quantity, line.reason, line.comment, line.exchange_variant_id});
        const auto back = returns_.request(tx, *order, lines, input.comment, input.photos);
        if (!back) return std::unexpected(back.error());
        return http::created(shown(tx, *back));
    };

    routes.get("/api/v1/account/orders/{number}/returns", "get_order_returns")
        .summary("What of my order can be returned, and its returns")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<OrderReturnsDto>()
        .fails({"account.login_required", "orders.not_found"})
        .handle([this, &customers, overview](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto dto = deps_.database.read([&](db::Session& session) -> Result<OrderReturnsDto> {
                const auto id = deps_.orders.find_number(session, request.param("number"));
                const auto header = id ? deps_.orders.header(session, *id) : std::nullopt;
                if (!header || header->customer != customer.id) return not_mine();
                return overview(session, *id);
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    routes.post("/api/v1/account/orders/{number}/returns", "request_return")
        .summary("Ask to return goods")
        .tag("account")
        .requires_access(http::Access::customer)
        .idempotent()
        .body<ReturnInput>()
        .returns<ReturnDto>(201)
        .fails({"account.login_required", "orders.not_found", "orders.not_sold", "orders.line_unknown", "orders.return_quantity",
                "orders.exchange_unknown", "orders.return_photo_unknown"})
        .handle([this, &customers, ask](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto input = http::body_as<ReturnInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, "customer:" + customer.id.to_string(), [&](db::Tx& tx) -> Result<http::Response> {
                const auto id = deps_.orders.find_number(tx, request.param("number"));
                const auto header = id ? deps_.orders.header(tx, *id) : std::nullopt;
                if (!header || header->customer != customer.id) return not_mine();
                return ask(tx, *id, *input);
            });
        });

    routes.post("/api/v1/account/returns/{id}/cancel", "cancel_return")
        .summary("Keep the goods after all")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<ReturnDto>()
        .fails({"account.login_required", "orders.return_not_found", "orders.return_transition_not_allowed"})
        .handle([this, &customers, shown](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto dto = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnDto> {
                const auto found = returns_.find(tx, id);
                const auto header = found ? deps_.orders.header(tx, found->order) : std::nullopt;
                if (!header || header->customer != customer.id) return return_not_found();
                const auto back = returns_.move(tx, id, ReturnState::cancelled, "");
                if (!back) return std::unexpected(back.error());
                return shown(tx, *back);
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    // The same for whoever has the order's link, and the files for both.
    routes.get("/api/v1/orders/{number}/returns", "get_returns_of_order")
        .summary("What of an order can be returned, and its returns, by account or signed link")
        .tag("orders")
        .query<OwnerQuery>()
        .returns<OrderReturnsDto>()
        .fails({"orders.not_found"})
        .handle([this, owner_of, overview](const http::Request& request) {
            const auto owner = owner_of(request);
            if (!owner) return http::problem(owner.error());
            const auto dto = deps_.database.read([&](db::Session& session) { return overview(session, owner->order); });
            if (!dto) return http::problem(dto.error());
            return private_answer(http::ok(*dto));
        });

    routes.post("/api/v1/orders/{number}/returns", "request_return_of_order")
        .summary("Ask to return goods, by account or signed link")
        .tag("orders")
        .query<OwnerQuery>()
        .idempotent()
        .body<ReturnInput>()
        .returns<ReturnDto>(201)
        .fails({"orders.not_found", "orders.not_sold", "orders.line_unknown", "orders.return_quantity", "orders.exchange_unknown",
                "orders.return_photo_unknown"})
        .handle([this, owner_of, ask](const http::Request& request) {
            const auto owner = owner_of(request);
            if (!owner) return http::problem(owner.error());
            const auto input = http::body_as<ReturnInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, owner->scope, [&](db::Tx& tx) { return ask(tx, owner->order, *input); });
        });

    routes.post("/api/v1/orders/{number}/returns/{return_id}/cancel", "cancel_return_of_order")
        .summary("Keep the goods after all, by account or signed link")
        .tag("orders")
        .query<OwnerQuery>()
        .returns<ReturnDto>()
        .fails({"orders.not_found", "orders.return_not_found", "orders.return_transition_not_allowed"})
        .handle([this, owner_of, shown](const http::Request& request) {
            const auto owner = owner_of(request);
            if (!owner) return http::problem(owner.error());
            const auto id = http::id_param<ReturnId>(request, "return_id");
            const auto dto = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnDto> {
                const auto found = returns_.find(tx, id);
                if (!found || found->order != owner->order) return return_not_found();
                const auto back = returns_.move(tx, id, ReturnState::cancelled, "");
                if (!back) return std::unexpected(back.error());
                return shown(tx, *back);
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    routes.post("/api/v1/orders/{number}/return-photos", "add_return_photos")
        .summary("Photos for a return that is being written")
        .description("Fields named \"photo\" of a multipart body: JPEG, PNG, WebP or AVIF. Kept for a day unless a return names them.")
        .tag("orders")
        .on(http::Pool::outbound)
        .query<OwnerQuery>()
        .uploads(kMostPhotos * kPhotoBytes)
        .within(std::chrono::seconds{60})
        .returns<ReturnPhotosDto>(201)
        .fails({"orders.not_found", "orders.return_photo_invalid", "orders.return_photos_full"})
        .handle([this, owner_of](const http::Request& request) {
            const auto owner = owner_of(request);
            if (!owner) return http::problem(owner.error());
            if (request.uploads.empty() || request.uploads.size() > kMostPhotos)
                return http::problem(fail_field("/photo", "out_of_range", "One to six photos go with a return.").error());
            ReturnPhotosDto out;
            for (const auto& upload : request.uploads) {
                if (upload.field != "photo" || upload.size == 0 || upload.size > kPhotoBytes)
                    return http::problem(fail_field("/photo", "out_of_range", "A photo is a file of at most 12 MB.").error());
                std::ifstream file(upload.path, std::ios::binary);
                const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
                const auto added = returns_.add_photo(owner->order, bytes);
                if (!added) return http::problem(added.error());
                out.ids.push_back(*added);
            }
            return http::created(out);
        });

    routes.get("/api/v1/orders/{number}/returns/{return_id}/photos/{photo_id}", "get_return_photo")
        .summary("A photo of one of my returns")
        .tag("orders")
        .query<OwnerQuery>()
        .returns_type(200, "image/jpeg")
        .fails({"orders.not_found", "orders.return_photo_not_found"})
        .handle([this, owner_of](const http::Request& request) {
            const auto owner = owner_of(request);
            if (!owner) return http::problem(owner.error());
            const auto id = http::id_param<ReturnId>(request, "return_id");
            const auto photo = http::id_param<ReturnPhotoId>(request, "photo_id");
            const auto key = deps_.database.read([&](db::Session& session) -> std::optional<std::string> {
                const auto back = returns_.find(session, id);
                if (!back || back->order != owner->order) return std::nullopt;
                return returns_.photo(session, id, photo);
            });
            if (!key) return http::problem(no_photo().error());
            return private_file(deps_.files, *key, "image/jpeg", "inline");
        });

    routes.get("/api/v1/orders/{number}/returns/{return_id}/label", "get_return_label")
        .summary("The label to print for one of my returns, as PDF")
        .tag("orders")
        .query<OwnerQuery>()
        .returns_type(200, "application/pdf")
        .fails({"orders.not_found", "orders.return_label_missing"})
        .handle([this, owner_of](const http::Request& request) {
            const auto owner = owner_of(request);
            if (!owner) return http::problem(owner.error());
            const auto id = http::id_param<ReturnId>(request, "return_id");
            const auto label = deps_.database.read([&](db::Session& session) -> std::optional<shipping::ReturnLabel> {
                const auto back = returns_.find(session, id);
                if (!back || back->order != owner->order) return std::nullopt;
                const auto labels = labels_of(session, {*back});
                return labels.empty() || labels.front().file_key.empty() ? std::nullopt : std::optional(labels.front());
            });
            if (!label || label->state == shipping::ShipmentState::cancelled || label->state == shipping::ShipmentState::cancelling)
                return http::problem(no_label().error());
            return private_file(deps_.files, label->file_key, "application/pdf",
                                "attachment; filename=\"" + label->return_number + ".pdf\"");
        });
}

}  // namespace stoa::orders
