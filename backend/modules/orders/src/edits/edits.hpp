#pragma once
// Changes of a placed order: shown first, then written in one transaction with stock, ledger and what goes back to the buyer.
#include "domain/refit.hpp"
#include "edits/delivery.hpp"
#include "refunds/refunds.hpp"

namespace stoa::orders {

struct StockChange {
    OrderLineId line;
    catalog::VariantId variant;
    std::int64_t units = 0;     // positive: more are taken
    std::int64_t short_by = 0;  // of them not there
};
// An article that was not in the order.
struct NewArticle {
    catalog::VariantId variant;
    std::int64_t quantity = 1;
};
// All that is asked for at once.
struct EditWish {
    ChangeSet changes{};  // without added lines: they are made of the articles
    std::vector<NewArticle> articles{};
    std::optional<customers::AddressDto> shipping_address{}, billing_address{};
    std::optional<std::string> email{};
    std::optional<NewDelivery> delivery{};
};
struct EditPlan {
    OrderContent after;
    std::vector<NewLine> added;  // the last lines of `after`, in their order
    std::vector<StockChange> stock;
    Money due;                     // what the buyer still has to pay afterwards
    Money payable;                 // what is to be given back afterwards, and not on its way
    std::vector<Part> parts;       // of it, what goes back now
    std::string waits;             // why not: the code of the refusal. It stays owed until it is paid out
    std::vector<Refit> shipments;  // planned ones that give goods back
    std::string invoice;           // number of the one that is credited and issued anew; empty: none
};

// Whether the buyer gets a link to pay what is due after the change.
enum class AskForPayment { no, by_mail };

class Edits {
public:
    Edits(const AfterSaleDependencies& dependencies, Refunds& refunds) : deps_(dependencies), refunds_(refunds) {}

    // 409 orders.edit_too_late once goods left (who is billed, and where mail goes, may change later), orders.edit_no_delivery,
    // orders.payment_not_captured while the payment is only reserved, orders.article_unavailable; 422 orders.article_twice; what
    // apply_changes() and refit() refuse.
    [[nodiscard]] Result<EditPlan> plan(db::Session& session, const SoldOrder& order, const EditWish& wish) const;
    // What would be sent where, to ask for its price. `wish` without its delivery.
    [[nodiscard]] Result<shipping::RateRequest> parcel(db::Session& session, const SoldOrder& order, const EditWish& wish) const;
    // The order comes from lock_sold(). 409 orders.edit_stock.
    [[nodiscard]] Result<void> confirm(db::Tx& tx, const SoldOrder& order, const EditPlan& plan, const EditWish& wish,
                                       std::string_view changes_json, std::string_view reason, AskForPayment ask,
                                       const http::StaffActor& staff);

private:
    [[nodiscard]] Result<std::vector<NewLine>> price(db::Session& session, const SoldOrder& order, std::span<const NewArticle> articles,
                                                     std::vector<AddedLine>& added) const;
    [[nodiscard]] Result<void> move_stock(db::Tx& tx, const SoldOrder& order, const EditPlan& plan);
    [[nodiscard]] Result<bool> changes_delivery(db::Session& session, const SoldOrder& order, const EditWish& wish,
                                                ChangeSet& changes) const;
    void write(db::Tx& tx, const SoldOrder& order, const EditPlan& plan, const EditWish& wish);
    [[nodiscard]] Result<void> tell_shipments(db::Tx& tx, const SoldOrder& order, const EditWish& wish);

    const AfterSaleDependencies& deps_;
    Refunds& refunds_;
};

}  // namespace stoa::orders
