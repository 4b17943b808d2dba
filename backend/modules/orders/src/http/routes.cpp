// My Account's orders, the guest's order link, and what was bought.
#include "sql/orders.hpp"
#include "stoa/http/cursor.hpp"
#include "stoa/orders/orders.hpp"

namespace stoa::orders {
namespace {

constexpr int kPage = 20;
constexpr int kMaxPage = 100;

struct ListQuery {
    std::optional<std::string> cursor;
    std::int64_t limit = kPage;
};
void describe(json::Struct<ListQuery>& d) {
    d.name("OrderListQuery");
    d.field<&ListQuery::cursor>("cursor", "next_cursor of the page before.").max_length(120);
    d.field<&ListQuery::limit>("limit", "Entries per page.").min(1).max(kMaxPage).optional();
}

struct GuestQuery {
    std::string token;
    std::optional<std::string> locale;
};
void describe(json::Struct<GuestQuery>& d) {
    d.name("GuestOrderQuery");
    d.field<&GuestQuery::token>("token", "From the confirmation page or mail.").max_length(400);
    d.field<&GuestQuery::locale>("locale").pattern("en|de|nl|fr");
}

struct ToReviewDto {
    catalog::ProductId product_id;
    std::string slug, name, order_number;
    std::optional<json::Raw> image;
};
void describe(json::Struct<ToReviewDto>& d) {
    d.name("ProductToReview");
    d.field<&ToReviewDto::product_id>("product_id");
    d.field<&ToReviewDto::slug>("slug");
    d.field<&ToReviewDto::name>("name");
    d.field<&ToReviewDto::order_number>("order_number");
    d.field<&ToReviewDto::image>("image");
}
struct BoughtDto {
    std::vector<ToReviewDto> items;
};
void describe(json::Struct<BoughtDto>& d) {
    d.name("BoughtProducts");
    d.field<&BoughtDto::items>("items");
}

using Cursor = http::TimeCursor<OrderId>;

Error not_found() { return {ErrorKind::not_found, "orders.not_found", "There is no such order.", {}, {}, {}, 0}; }

// Something may have become due after the sale.
bool collects(const Header& order) {
    const bool sold = order.state != State::pending_payment && order.state != State::cancelled;
    return sold && (order.payment_state == PaymentState::partially_paid || order.payment_state == PaymentState::failed);
}

}  // namespace

void add_orders_routes(http::Routes& routes, db::Database& database, Orders& orders, customers::Customers& customers) {
    routes.get("/api/v1/account/orders", "list_my_orders")
        .summary("My orders, newest first")
        .tag("account")
        .requires_access(http::Access::customer)
        .query<ListQuery>()
        .returns<OrderListDto>()
        .fails({"account.login_required"})
        .handle([&](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto query = http::query_as<ListQuery>(request);
            if (!query) return http::problem(query.error());
            std::optional<Timestamp> at;
            std::optional<OrderId> id;
            if (query->cursor) {
                const auto cursor = Cursor::parse(*query->cursor);
                if (!cursor) return http::problem(cursor.error());
                at = cursor->at;
                id = cursor->id;
            }
            const auto list = database.read([&](db::Session& session) {
                OrderListDto out;
                const auto rows = session.query(sql::list_of_customer, customer.id, at, id, query->limit + 1);
                for (int i = 0; i < rows.size(); ++i) {
                    const auto row = rows[i];
                    if (i == query->limit) {
                        const auto last = rows[i - 1];
                        out.next_cursor = Cursor{last.get<Timestamp>("placed_at"), last.get<OrderId>("id")}.to_text();
                        break;
                    }
                    OrderSummaryDto summary;
                    summary.number = row.get<std::string>("number");
                    summary.placed_at = row.get<Timestamp>("placed_at");
                    summary.state = json::from_name<State>(row.get<std::string>("state")).value();
                    summary.state_label = state_label(summary.state, customer.locale);
                    summary.total = row.money("total");
                    summary.item_count = row.get<std::int64_t>("item_count");
                    if (auto images = row.get<std::optional<std::string>>("images")) summary.images.text = std::move(*images);
                    out.items.push_back(std::move(summary));
                }
                return out;
            });
            return http::ok(list);
        });

    routes.get("/api/v1/account/orders/{number}", "get_my_order")
        .summary("One of my orders")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<OrderDto>()
        .fails({"account.login_required", "orders.not_found"})
        .handle([&](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto dto = database.read([&](db::Session& session) -> std::optional<OrderDto> {
                const auto id = orders.find_number(session, request.param("number"));
                if (!id) return std::nullopt;
                const auto header = orders.header(session, *id);
                if (!header || header->customer != customer.id) return std::nullopt;
                auto mine = orders.order(session, *id, customer.locale);
                if (collects(*header)) mine->payment_token = orders.view_token(*id);
                return mine;
            });
            if (!dto) return http::problem(not_found());
            return http::ok(*dto);
        });

    routes.get("/api/v1/orders/{number}", "get_guest_order")
        .summary("An order by its signed link")
        .tag("orders")
        .query<GuestQuery>()
        .returns<OrderDto>()
        .fails({"orders.not_found"})
        .handle([&](const http::Request& request) {
            const auto query = http::query_as<GuestQuery>(request);
            if (!query) return http::problem(query.error());
            const auto id = orders.read_view_token(query->token);
            if (!id) return http::problem(not_found());
            const auto dto = database.read([&](db::Session& session) -> std::optional<OrderDto> {
                const auto header = orders.header(session, *id);
                if (!header || header->number != request.param("number")) return std::nullopt;
                return orders.order(session, *id, query->locale.value_or(header->locale));
            });
            if (!dto) return http::problem(not_found());
            auto response = http::ok(*dto);
            response.header("cache-control", "private, no-store").header("x-robots-tag", "noindex");
            return response;
        });

    routes.get("/api/v1/account/bought", "list_bought_products")
        .summary("Products I have bought, to review them")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<BoughtDto>()
        .fails({"account.login_required"})
        .handle([&](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto dto = database.read([&](db::Session& session) {
                BoughtDto out;
                for (const auto row : session.query(sql::to_review, customer.id)) {
                    ToReviewDto item;
                    item.product_id = row.get<catalog::ProductId>("product_id");
                    item.slug = row.get<std::string>("product_slug");
                    item.name = row.get<std::string>("name");
                    item.order_number = row.get<std::string>("number");
                    if (auto image = row.get<std::optional<std::string>>("image")) item.image = json::Raw{std::move(*image)};
                    out.items.push_back(std::move(item));
                }
                return out;
            });
            return http::ok(dto);
        });
}

}  // namespace stoa::orders
