// My Account's returns (and a guest's, by the order's link), and the desk where they are decided, received, exchanged and refunded.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "after_sale/service.hpp"
#include "refunds/dto.hpp"
#include "sql/returns.hpp"
#include "stoa/http/cursor.hpp"

namespace stoa::orders {
namespace {

constexpr std::string_view kPermission = "orders.returns";
constexpr int kPage = 50;
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
struct ReturnAnswerInput {
    std::string answer;
};
void describe(json::Struct<ReturnAnswerInput>& d) {
    d.name("ReturnAnswerInput");
    d.field<&ReturnAnswerInput::answer>("answer", "The buyer reads it.").max_length(1000).optional();
}
struct ReturnApprovalInput {
    std::string answer;
    bool label = false;
};
void describe(json::Struct<ReturnApprovalInput>& d) {
    d.name("ReturnApprovalInput");
    d.field<&ReturnApprovalInput::answer>("answer", "The buyer reads it.").max_length(1000).optional();
    d.field<&ReturnApprovalInput::label>("label", "With the carrier's label, which goes with the mail.").optional();
}
struct ReturnLabelInput {
    std::optional<shipping::ShipTo> from;
    bool none = false;
};
void describe(json::Struct<ReturnLabelInput>& d) {
    d.name("ReturnLabelInput");
    d.field<&ReturnLabelInput::from>("from", "Another address of the sender than the order's, after a refusal.");
    d.field<&ReturnLabelInput::none>("none", "Go on without one: the buyer sends it as they like.").optional();
}
struct ReceivedLineInput {
    OrderLineId line_id;
    std::int64_t received = 0, restocked = 0;
    ReturnCondition condition = ReturnCondition::as_new;
};
void describe(json::Struct<ReceivedLineInput>& d) {
    d.name("ReceivedLineInput");
    d.field<&ReceivedLineInput::line_id>("line_id");
    d.field<&ReceivedLineInput::received>("received", "Units that came back.").min(0).max(100000);
    d.field<&ReceivedLineInput::restocked>("restocked", "Of them sold again; the others are written off.").min(0).max(100000);
    d.field<&ReceivedLineInput::condition>("condition");
}
struct ReceiptInput {
    std::optional<inventory::WarehouseId> warehouse_id;
    std::vector<ReceivedLineInput> lines;
};
void describe(json::Struct<ReceiptInput>& d) {
    d.name("ReturnReceiptInput");
    d.field<&ReceiptInput::warehouse_id>("warehouse_id", "Where it came, and is booked. Without it: for each line the one that sent it.");
    d.field<&ReceiptInput::lines>("lines").min_length(1).max_length(200);
}
struct ReturnRefundInput {
    std::optional<Money> expected_total;
    std::optional<Money> shipping, deduction;
};
void describe(json::Struct<ReturnRefundInput>& d) {
    d.name("ReturnRefundInput");
    d.field<&ReturnRefundInput::expected_total>("expected_total",
                                                "What the same request without it answered: it is the preview, and changes nothing.");
    d.field<&ReturnRefundInput::shipping>("shipping", "Of the delivery, on top of the received units.");
    d.field<&ReturnRefundInput::deduction>("deduction", "Off what the units cost: for their condition.");
}
struct PolicyExclusion {
    catalog::ProductId product_id;
    std::string reason;
};
void describe(json::Struct<PolicyExclusion>& d) {
    d.name("ReturnExclusion");
    d.field<&PolicyExclusion::product_id>("product_id");
    d.field<&PolicyExclusion::reason>("reason").not_blank().max_length(200);
}
struct PolicyDto {
    std::int64_t days = 30;
    std::vector<PolicyExclusion> excluded;
};
void describe(json::Struct<PolicyDto>& d) {
    d.name("ReturnPolicy");
    d.field<&PolicyDto::days>("days", "After the delivery.").min(14).max(365);
    d.field<&PolicyDto::excluded>("excluded", "Goods that do not come back.").max_length(1000);
}

struct ReturnLineDto {
    OrderLineId line_id;
    std::string sku, name, options_text, comment;
    std::int64_t quantity = 1, received = 0, restocked = 0, exchanged = 0, refunded = 0;
    ReturnReason reason = ReturnReason::other;
    std::optional<ReturnCondition> condition;
    std::optional<json::Raw> image;
    std::optional<std::string> exchange_sku, exchange_text;
    std::optional<inventory::WarehouseId> warehouse_id;
};
void describe(json::Struct<ReturnLineDto>& d) {
    d.name("ReturnLine");
    d.field<&ReturnLineDto::line_id>("line_id");
    d.field<&ReturnLineDto::sku>("sku");
    d.field<&ReturnLineDto::name>("name");
    d.field<&ReturnLineDto::options_text>("options_text");
    d.field<&ReturnLineDto::quantity>("quantity");
    d.field<&ReturnLineDto::reason>("reason");
    d.field<&ReturnLineDto::comment>("comment");
    d.field<&ReturnLineDto::received>("received");
    d.field<&ReturnLineDto::restocked>("restocked");
    d.field<&ReturnLineDto::condition>("condition");
    d.field<&ReturnLineDto::image>("image", "An Image, as it was when the order was placed.");
    d.field<&ReturnLineDto::exchange_sku>("exchange_sku");
    d.field<&ReturnLineDto::exchange_text>("exchange_text", "What the buyer would rather have.");
    d.field<&ReturnLineDto::exchanged>("exchanged", "Of the received, replaced by that.");
    d.field<&ReturnLineDto::refunded>("refunded", "Of the received, refunded with this return.");
    d.field<&ReturnLineDto::warehouse_id>("warehouse_id",
                                          "Into which it was booked or, before that, is when nobody names another. For staff.");
}
struct ReturnPhotoDto {
    ReturnPhotoId id;
    std::int64_t width = 0, height = 0;
};
void describe(json::Struct<ReturnPhotoDto>& d) {
    d.name("ReturnPhoto");
    d.field<&ReturnPhotoDto::id>("id");
    d.field<&ReturnPhotoDto::width>("width");
    d.field<&ReturnPhotoDto::height>("height");
}
struct ReturnPhotosDto {
    std::vector<ReturnPhotoId> ids;
};
void describe(json::Struct<ReturnPhotosDto>& d) {
    d.name("ReturnPhotos");
    d.field<&ReturnPhotosDto::ids>("ids", "In the order of the files.");
}
struct ReturnLabelDto {
    shipping::ShipmentState state = shipping::ShipmentState::announcing;
    bool ready = false;
    std::string carrier, tracking_number, status;
    std::optional<std::string> tracking_url;
    std::vector<shipping::ShipmentProblem> problems;
    std::optional<shipping::ShipTo> from;
};
void describe(json::Struct<ReturnLabelDto>& d) {
    d.name("ReturnLabel");
    d.field<&ReturnLabelDto::state>("state", "announcing: being made. failed: the carrier refused.");
    d.field<&ReturnLabelDto::ready>("ready", "There is a PDF to print.");
    d.field<&ReturnLabelDto::carrier>("carrier");
    d.field<&ReturnLabelDto::tracking_number>("tracking_number");
    d.field<&ReturnLabelDto::tracking_url>("tracking_url");
    d.field<&ReturnLabelDto::status>("status", "In the carrier's words.");
    d.field<&ReturnLabelDto::problems>("problems", "Why it was refused. For staff.");
    d.field<&ReturnLabelDto::from>("from", "The sender's address. For staff.");
}
enum class ReturnMoment { requested, approved, rejected, label_ready, handed_over, arrived, received, exchanged, refunded };
json::EnumNames<ReturnMoment> enum_names(ReturnMoment) {
    using enum ReturnMoment;
    static constexpr std::pair<ReturnMoment, std::string_view> names[] = {
        {requested, "requested"},     {approved, "approved"},       {rejected, "rejected"},
        {label_ready, "label_ready"}, {handed_over, "handed_over"}, {arrived, "arrived"},
        {received, "received"},       {exchanged, "exchanged"},     {refunded, "refunded"}};
    return names;
}
struct ReturnMomentDto {
    Timestamp at;
    ReturnMoment kind = ReturnMoment::requested;
};
void describe(json::Struct<ReturnMomentDto>& d) {
    d.name("ReturnMoment");
    d.field<&ReturnMomentDto::at>("at");
    d.field<&ReturnMomentDto::kind>("kind");
}
struct ReturnDto {
    ReturnId id;
    std::string number, order_number, comment, answer;
    OrderId order_id;
    ReturnState state = ReturnState::requested;
    Timestamp requested_at;
    std::optional<Timestamp> decided_at, received_at;
    std::optional<Money> refunded;
    std::optional<std::string> replacement_number;
    std::optional<OrderId> replacement_id;
    std::string email;
    std::vector<ReturnLineDto> lines;
    std::vector<ReturnPhotoDto> photos;
    std::optional<ReturnLabelDto> label;
    std::vector<ReturnMomentDto> timeline;
};
void describe(json::Struct<ReturnDto>& d) {
    d.name("Return");
    d.field<&ReturnDto::id>("id");
    d.field<&ReturnDto::number>("number");
    d.field<&ReturnDto::order_id>("order_id");
    d.field<&ReturnDto::order_number>("order_number");
    d.field<&ReturnDto::state>("state");
    d.field<&ReturnDto::comment>("comment", "Of the buyer.");
    d.field<&ReturnDto::answer>("answer", "Of the shop.");
    d.field<&ReturnDto::requested_at>("requested_at");
    d.field<&ReturnDto::decided_at>("decided_at");
    d.field<&ReturnDto::received_at>("received_at");
    d.field<&ReturnDto::refunded>("refunded");
    d.field<&ReturnDto::replacement_number>("replacement_number", "The order that brings the goods of an exchange.");
    d.field<&ReturnDto::replacement_id>("replacement_id");
    d.field<&ReturnDto::email>("email");
    d.field<&ReturnDto::lines>("lines");
    d.field<&ReturnDto::photos>("photos");
    d.field<&ReturnDto::label>("label");
    d.field<&ReturnDto::timeline>("timeline", "Oldest first.");
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
struct ReturnRefundDto {
    bool done = false;
    Money total, tax;
    ReturnDto back;
};
void describe(json::Struct<ReturnRefundDto>& d) {
    d.name("ReturnRefund");
    d.field<&ReturnRefundDto::done>("done", "False: this is what would be refunded.");
    d.field<&ReturnRefundDto::total>("total");
    d.field<&ReturnRefundDto::tax>("tax");
    d.field<&ReturnRefundDto::back>("return");
}
struct ReturnListQuery {
    std::optional<ReturnState> state;
    std::optional<std::string> q, cursor;
};
void describe(json::Struct<ReturnListQuery>& d) {
    d.name("ReturnListQuery");
    d.field<&ReturnListQuery::state>("state");
    d.field<&ReturnListQuery::q>("q", "The beginning of a return's or order's number or of an e-mail address, or a tracking number.")
        .trim()
        .max_length(120);
    d.field<&ReturnListQuery::cursor>("cursor", "next_cursor of the page before.").max_length(120);
}
struct ReturnSummaryDto {
    ReturnId id;
    std::string number, order_number, email;
    OrderId order_id;
    ReturnState state = ReturnState::requested;
    Timestamp requested_at;
    std::int64_t units = 0, photos = 0;
    bool has_exchange = false;
    std::optional<shipping::ShipmentState> label;
};
void describe(json::Struct<ReturnSummaryDto>& d) {
    d.name("ReturnSummary");
    d.field<&ReturnSummaryDto::id>("id");
    d.field<&ReturnSummaryDto::number>("number");
    d.field<&ReturnSummaryDto::order_id>("order_id");
    d.field<&ReturnSummaryDto::order_number>("order_number");
    d.field<&ReturnSummaryDto::email>("email");
    d.field<&ReturnSummaryDto::state>("state");
    d.field<&ReturnSummaryDto::requested_at>("requested_at");
    d.field<&ReturnSummaryDto::units>("units");
    d.field<&ReturnSummaryDto::photos>("photos");
    d.field<&ReturnSummaryDto::has_exchange>("has_exchange", "Its buyer would rather have other goods.");
    d.field<&ReturnSummaryDto::label>("label", "How far its label is.");
}
struct ReturnCountDto {
    ReturnState state = ReturnState::requested;
    std::int64_t count = 0;
};
void describe(json::Struct<ReturnCountDto>& d) {
    d.name("ReturnCount");
    d.field<&ReturnCountDto::state>("state");
    d.field<&ReturnCountDto::count>("count");
}
struct OwnerQuery {
    std::optional<std::string> token;
};
void describe(json::Struct<OwnerQuery>& d) {
    d.name("OrderReturnsQuery");
    d.field<&OwnerQuery::token>("token", "Of the order's signed link, for those without an account.").max_length(400);
}
struct ReturnListDto {
    std::vector<ReturnSummaryDto> items;
    std::vector<ReturnCountDto> waiting;
    std::optional<std::string> next_cursor;
};
void describe(json::Struct<ReturnListDto>& d) {
    d.name("ReturnList");
    d.field<&ReturnListDto::items>("items");
    d.field<&ReturnListDto::waiting>("waiting", "How many there are of those that somebody has to do something about.");
    d.field<&ReturnListDto::next_cursor>("next_cursor");
}

using Cursor = http::TimeCursor<ReturnId>;

enum class Reader { buyer, staff };

ReturnDto to_dto(const StoredReturn& back, const std::vector<shipping::ReturnLabel>& labels, Reader reader) {
    ReturnDto dto;
    dto.id = back.id;
    dto.number = back.number;
    dto.order_number = back.order_number;
    dto.order_id = back.order;
    dto.state = back.state;
    dto.comment = back.comment;
    dto.answer = back.answer;
    dto.requested_at = back.requested_at;
    dto.decided_at = back.decided_at;
    dto.received_at = back.received_at;
    dto.refunded = back.refunded;
    dto.email = back.email;
    if (back.replacement) {
        dto.replacement_id = back.replacement;
        dto.replacement_number = back.replacement_number;
    }
    for (const auto& line : back.lines) {
        ReturnLineDto one;
        one.line_id = line.line;
        one.sku = line.sku;
        one.name = line.name;
        one.options_text = line.options_text;
        one.comment = line.comment;
        one.quantity = line.quantity;
        one.received = line.received;
        one.restocked = line.restocked;
        one.exchanged = line.exchanged;
        one.refunded = line.refunded;
        one.reason = line.reason;
        one.condition = line.condition;
        one.image = line.image;
        if (reader == Reader::staff) one.warehouse_id = line.warehouse;
        if (line.exchange) {
            one.exchange_sku = line.exchange_sku;
            one.exchange_text = line.exchange_text;
        }
        dto.lines.push_back(std::move(one));
    }
    for (const auto& photo : back.photos) dto.photos.push_back({photo.id, photo.width, photo.height});
    const auto moment = [&](const std::optional<Timestamp>& at, ReturnMoment kind) {
        if (at) dto.timeline.push_back({*at, kind});
    };
    moment(back.requested_at, ReturnMoment::requested);
    moment(back.decided_at, back.state == ReturnState::rejected ? ReturnMoment::rejected : ReturnMoment::approved);
    if (const auto label = std::ranges::find(labels, back.id.uuid(), &shipping::ReturnLabel::return_id); label != labels.end()) {
        ReturnLabelDto shown;
        shown.state = label->state;
        shown.ready = !label->file_key.empty();
        shown.carrier = label->carrier;
        shown.tracking_number = label->tracking_number;
        if (!label->tracking_url.empty()) shown.tracking_url = label->tracking_url;
        shown.status = label->status_text;
        if (reader == Reader::staff) {
            shown.problems = label->problems;
            shown.from = label->from;
        }
        dto.label = std::move(shown);
        moment(label->announced_at, ReturnMoment::label_ready);
        moment(label->left_at, ReturnMoment::handed_over);
        moment(label->delivered_at, ReturnMoment::arrived);
    }
    moment(back.received_at, ReturnMoment::received);
    moment(back.replaced_at, ReturnMoment::exchanged);
    moment(back.refunded_at, ReturnMoment::refunded);
    std::ranges::stable_sort(dto.timeline, {}, &ReturnMomentDto::at);
    return dto;
}

Failure not_mine() { return fail(ErrorKind::not_found, "orders.not_found", "There is no such order."); }

http::Response private_answer(http::Response response) {
    response.header("cache-control", "private, no-store").header("x-robots-tag", "noindex");
    return response;
}

// A file that only those get who may see the return.
http::Response private_file(storage::ObjectStore& files, const std::string& key, std::string_view type, const std::string& disposition) {
    auto bytes = files.get(key);
    if (!bytes) throw std::logic_error("orders: a file of a return is not in the store: " + key);
    http::Response response;
    response.body = std::move(*bytes);
    response.header("content-type", std::string(type));
    response.header("content-disposition", disposition);
    response.header("x-content-type-options", "nosniff");
    return private_answer(std::move(response));
}

Failure no_label() { return fail(ErrorKind::not_found, "orders.return_label_missing", "There is no label for this return yet."); }
Failure no_photo() { return fail(ErrorKind::not_found, "orders.return_photo_not_found", "There is no such photo."); }

}  // namespace

std::vector<shipping::ReturnLabel> Service::labels_of(db::Session& session, const std::vector<StoredReturn>& returns) const {
    std::vector<Uuid> ids;
    for (const auto& back : returns) ids.push_back(back.id.uuid());
    return ids.empty() ? std::vector<shipping::ReturnLabel>{} : deps_.labels.of_returns(session, ids);
}

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

void Service::add_return_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    const auto to_desk = [this](db::Session& session, const StoredReturn& back) {
        auto dto = to_dto(back, labels_of(session, {back}), Reader::staff);
        if (back.state != ReturnState::requested && back.state != ReturnState::approved) return dto;
        const auto homes = returns_.homes(session, back);
        for (std::size_t i = 0; i < homes.size(); ++i) dto.lines[i].warehouse_id = homes[i];
        return dto;
    };
    routes.get("/api/v1/admin/returns", "list_returns")
        .summary("Returns, newest first")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .query<ReturnListQuery>()
        .returns<ReturnListDto>()
        .fails({"staff.login_required", "staff.forbidden"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto query = http::query_as<ReturnListQuery>(request);
            if (!query) return http::problem(query.error());
            std::optional<Timestamp> at;
            std::optional<ReturnId> after;
            if (query->cursor) {
                const auto cursor = Cursor::parse(*query->cursor);
                if (!cursor) return http::problem(cursor.error());
                at = cursor->at;
                after = cursor->id;
            }
            std::optional<std::string> state;
            if (query->state) state = json::to_name(*query->state);
            const auto list = deps_.database.read([&](db::Session& session) {
                ReturnListDto out;
                std::optional<std::string> q = query->q && !query->q->empty() ? query->q : std::nullopt;
                const auto by_tracking = q ? deps_.labels.by_tracking(session, *q) : std::vector<Uuid>{};
                const auto rows = session.query(sql::list_returns, state, at, after, kPage + 1, q, by_tracking);
                for (int i = 0; i < std::min(rows.size(), kPage); ++i) {
                    const auto row = rows[i];
                    ReturnSummaryDto summary;
                    summary.id = row.get<ReturnId>("id");
                    summary.number = row.get<std::string>("number");
                    summary.order_id = row.get<OrderId>("order_id");
                    summary.order_number = row.get<std::string>("order_number");
                    summary.email = row.get<std::string>("email");
                    summary.state = json::from_name<ReturnState>(row.get<std::string>("state")).value();
                    summary.requested_at = row.get<Timestamp>("requested_at");
                    summary.units = row.get<std::int64_t>("units");
                    summary.photos = row.get<std::int64_t>("photos");
                    summary.has_exchange = row.get<bool>("has_exchange");
                    out.items.push_back(std::move(summary));
                }
                std::vector<Uuid> ids;
                for (const auto& item : out.items) ids.push_back(item.id.uuid());
                for (const auto& label : deps_.labels.of_returns(session, ids))
                    std::ranges::find(out.items, ReturnId(label.return_id), &ReturnSummaryDto::id)->label = label.state;
                for (const auto row : session.query(sql::count_returns))
                    out.waiting.push_back(
                        {json::from_name<ReturnState>(row.get<std::string>("state")).value(), row.get<std::int64_t>("count")});
                if (rows.size() > kPage) out.next_cursor = Cursor{out.items.back().requested_at, out.items.back().id}.to_text();
                return out;
            });
            return http::ok(list);
        });

    routes.get("/api/v1/admin/returns/{id}", "get_return")
        .summary("A return")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns<ReturnDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found"})
        .handle([this, &gate, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto back = deps_.database.read([&](db::Session& session) -> std::optional<ReturnDto> {
                const auto found = returns_.find(session, id);
                return found ? std::optional(to_desk(session, *found)) : std::nullopt;
            });
            if (!back) return http::problem(return_not_found().error());
            return http::ok(*back);
        });

    routes.get("/api/v1/admin/returns/{id}/photos/{photo_id}", "admin_get_return_photo")
        .summary("A photo of a return")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns_type(200, "image/jpeg")
        .fails({"staff.login_required", "staff.forbidden", "orders.return_photo_not_found"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto photo = http::id_param<ReturnPhotoId>(request, "photo_id");
            const auto key = deps_.database.read([&](db::Session& session) { return returns_.photo(session, id, photo); });
            if (!key) return http::problem(no_photo().error());
            return private_file(deps_.files, *key, "image/jpeg", "inline");
        });

    routes.get("/api/v1/admin/returns/{id}/label", "admin_get_return_label")
        .summary("The label of a return, as PDF")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns_type(200, "application/pdf")
        .fails({"staff.login_required", "staff.forbidden", "orders.return_label_missing"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto labels = deps_.database.read([&](db::Session& session) { return deps_.labels.of_returns(session, {id.uuid()}); });
            if (labels.empty() || labels.front().file_key.empty()) return http::problem(no_label().error());
            return private_file(deps_.files, labels.front().file_key, "application/pdf",
                                "attachment; filename=\"" + labels.front().return_number + ".pdf\"");
        });

    routes.post("/api/v1/admin/returns/{id}/label", "make_return_label")
        .summary("Make the label of an approved return, or go on without one")
        .description("It is made by a job. Asked for twice it is made once; after a refusal it is tried again.")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<ReturnLabelInput>()
        .returns<ReturnDto>(202)
        .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_label_not_due"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReturnLabelInput>(request);
            if (!input) return http::problem(input.error());
            const auto dto = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnDto> {
                const auto back = input->none ? returns_.without_label(tx, id) : returns_.ask_for_label(tx, id, input->from);
                if (!back) return std::unexpected(back.error());
                auto made = to_desk(tx, *back);
                audit.record(tx, *actor, {input->none ? "no_label" : "label", "returns", id.to_string(), "", json::render(made)});
                return made;
            });
            if (!dto) return http::problem(dto.error());
            return http::accepted(*dto);
        });

    routes.post("/api/v1/admin/returns/{id}/approve", "approve_return")
        .summary("Let the goods come back")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<ReturnApprovalInput>()
        .returns<ReturnDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_transition_not_allowed"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReturnApprovalInput>(request);
            if (!input) return http::problem(input.error());
            const auto dto = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnDto> {
                auto back = returns_.move(tx, id, ReturnState::approved, input->answer);
                // The mail goes with the label, or at once where there is none.
                if (back) back = input->label ? returns_.ask_for_label(tx, id, std::nullopt) : returns_.without_label(tx, id);
                if (!back) return std::unexpected(back.error());
                auto made = to_desk(tx, *back);
                audit.record(tx, *actor, {"approved", "returns", id.to_string(), "", json::render(made)});
                return made;
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    routes.post("/api/v1/admin/returns/{id}/exchange", "exchange_return")
        .summary("Send what the buyer would rather have")
        .description("The received units whose buyer asked for another variant are replaced by an order over nothing, from stock.")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .returns<ReturnDto>()
        .fails(
            {"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.exchange_nothing", "orders.exchange_sold_out"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto back = returns_.exchange(tx, id);
                if (!back) return std::unexpected(back.error());
                const auto dto = to_desk(tx, *back);
                audit.record(tx, *actor, {"exchange", "returns", id.to_string(), "", json::render(dto)});
                return http::ok(dto);
            });
        });

    struct Step {
        std::string_view path, operation, summary;
        ReturnState to;
    };
    static constexpr Step kSteps[] = {
        {"/api/v1/admin/returns/{id}/reject", "reject_return", "Refuse the return", ReturnState::rejected},
        {"/api/v1/admin/returns/{id}/close", "close_return", "End a received return without a refund", ReturnState::closed}};
    for (const auto& step : kSteps) {
        routes.post(std::string(step.path), std::string(step.operation))
            .summary(std::string(step.summary))
            .tag("admin returns")
            .on(http::Pool::staff)
            .requires_access(http::Access::staff)
            .body<ReturnAnswerInput>()
            .returns<ReturnDto>()
            .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_transition_not_allowed"})
            .handle([this, &gate, &audit, &step, to_desk](const http::Request& request) {
                const auto actor = gate.require(request, kPermission);
                if (!actor) return http::problem(actor.error());
                const auto id = http::id_param<ReturnId>(request, "id");
                const auto input = http::body_as<ReturnAnswerInput>(request);
                if (!input) return http::problem(input.error());
                const auto dto = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnDto> {
                    const auto moved = returns_.move(tx, id, step.to, input->answer);
                    if (!moved) return std::unexpected(moved.error());
                    auto made = to_desk(tx, *moved);
                    audit.record(tx, *actor, {std::string(json::to_name(step.to)), "returns", id.to_string(), "", json::render(made)});
                    return made;
                });
                if (!dto) return http::problem(dto.error());
                return http::ok(*dto);
            });
    }

    routes.post("/api/v1/admin/returns/{id}/receive", "receive_return")
        .summary("Goods came back: to stock, or written off")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<ReceiptInput>()
        .returns<ReturnDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_transition_not_allowed",
                "orders.line_unknown", "orders.return_receipt", "orders.warehouse_unknown"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReceiptInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                std::vector<ReceivedLine> lines;
                for (const auto& line : input->lines) lines.push_back({line.line_id, line.received, line.condition, line.restocked});
                const auto back = returns_.receive(tx, id, lines, input->warehouse_id);
                if (!back) return std::unexpected(back.error());
                const auto dto = to_desk(tx, *back);
                audit.record(tx, *actor, {"receive", "returns", id.to_string(), "", json::render(dto)});
                return http::ok(dto);
            });
        });

    routes.post("/api/v1/admin/returns/{id}/refund", "refund_return")
        .summary("Refund what came back")
        .description("Without expected_total it only says what would be refunded.")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<ReturnRefundInput>()
        .returns<ReturnRefundDto>()
        .fails({"staff.login_required", "staff.forbidden", "staff.over_limit", "orders.return_not_found",
                "orders.return_transition_not_allowed", "orders.not_sold", "orders.refund_changed", "orders.refund_quantity",
                "orders.refund_shipping", "orders.refund_currency", "orders.refund_nothing", "orders.refund_in_progress",
                "orders.payment_not_captured", "payments.refund_too_large", "payments.refund_rest_only", "payments.refund_blocked"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, "orders.refund");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReturnRefundInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                auto back = returns_.find(tx, id);
                if (!back) return return_not_found();
                const auto order = lock_sold(tx, deps_, back->order);
                if (!order) return std::unexpected(order.error());
                back = returns_.find(tx, id);  // as it is under the order's lock
                if (const auto allowed = return_transition(back->state, ReturnState::refunded); !allowed)
                    return std::unexpected(allowed.error());
                const auto none = Money::zero(order->position.currency());
                if (input->deduction && input->deduction->is_negative())
                    return fail_field("/deduction/amount", "out_of_range", "A deduction is zero or more.");
                const auto wanted = Returns::refund_of(*back, input->shipping.value_or(none), input->deduction.value_or(none));
                const auto plan = refunds_.preview(tx, *order, wanted, std::nullopt);
                if (!plan) return std::unexpected(plan.error());
                if (!input->expected_total) return http::ok(ReturnRefundDto{false, plan->total.value, plan->total.tax, to_desk(tx, *back)});
                if (plan->total.value != *input->expected_total) return fail(refund_changed(plan->total.value));
                if (auto within = actor->within_limit("orders.refund", order->content.credited.value + plan->total.value); !within)
                    return std::unexpected(within.error());
                const auto refunded = returns_.refund(tx, *back, *order, wanted, std::nullopt, *actor);
                if (!refunded) return std::unexpected(refunded.error());
                const ReturnRefundDto dto{true, plan->total.value, plan->total.tax, to_desk(tx, *refunded)};
                audit.record(tx, *actor, {"refund", "returns", id.to_string(), "", json::render(dto)});
                return http::ok(dto);
            });
        });

    const auto read_policy = [](db::Session& session) {
        PolicyDto out;
        for (const auto row : session.query(sql::read_return_policy)) {
            out.days = row.get<int>("days");
            if (const auto product = row.get<std::optional<catalog::ProductId>>("product_id"))
                out.excluded.push_back({*product, row.get<std::optional<std::string>>("reason").value_or("")});
        }
        return out;
    };
    routes.get("/api/v1/admin/return-policy", "get_return_policy")
        .summary("How long goods may come back, and which may not")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns<PolicyDto>()
        .fails({"staff.login_required", "staff.forbidden"})
        .handle([this, &gate, read_policy](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            return http::ok(deps_.database.read([&](db::Session& session) { return read_policy(session); }));
        });
    routes.put("/api/v1/admin/return-policy", "set_return_policy")
        .summary("Change how long goods may come back, and which may not")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<PolicyDto>()
        .returns<PolicyDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.product_unknown"})
        .handle([this, &gate, &audit, read_policy](const http::Request& request) {
            const auto actor = gate.require(request, "orders.return_policy");
            if (!actor) return http::problem(actor.error());
            const auto input = http::body_as<PolicyDto>(request);
            if (!input) return http::problem(input.error());
            std::vector<Uuid> products;
            std::vector<std::string> reasons;
            for (const auto& excluded : input->excluded) {
                if (std::ranges::find(products, excluded.product_id.uuid()) != products.end())
                    return http::problem(
                        {ErrorKind::invalid, "orders.product_unknown", "Each product that exists can be named once.", {}, {}, {}, 0});
                products.push_back(excluded.product_id.uuid());
                reasons.push_back(excluded.reason);
            }
            try {
                return http::ok(deps_.database.in_tx([&](db::Tx& tx) {
                    const auto before = read_policy(tx);
                    tx.exec(sql::set_return_days, static_cast<int>(input->days));
                    tx.exec(sql::keep_return_exclusions, products);
                    tx.exec(sql::exclude_from_returns, products, reasons);
                    const auto after = read_policy(tx);
                    audit.record(tx, *actor, {"update", "return_policy", "1", json::render(before), json::render(after)});
                    return after;
                }));
            } catch (const db::ForeignKeyViolation&) {
                return http::problem(
                    {ErrorKind::invalid, "orders.product_unknown", "Each product that exists can be named once.", {}, {}, {}, 0});
            }
        });
}

}  // namespace stoa::orders
