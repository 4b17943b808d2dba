#pragma once
// One class, a file per use case: state.cpp (what was decided so far), steps.cpp (contact, address, delivery), complete.cpp,
// settle.cpp, login.cpp, jobs.cpp, http/routes.cpp.
//
// Locks are taken in one order everywhere: the cart (and the one that it was joined into), its order, the attempts, stock, promotions.
#include <optional>
#include <string>

#include "http/dto.hpp"
#include "stoa/checkout/checkout.hpp"

namespace stoa::checkout {

using Customer = std::optional<customers::CustomerInfo>;

// The checkout row of one cart.
struct State {
    CheckoutId id;
    cart::CartId cart;
    std::optional<std::string> email, phone;
    bool accepts_marketing = false;
    std::optional<customers::AddressDto> shipping_address, billing_address;
    std::optional<shipping::OptionDto> option;
    std::string option_basis;
    std::optional<shipping::ServicePointDto> service_point;
    std::optional<Timestamp> hold_expires_at;
    std::optional<Timestamp> held_since;  // of the hold that lives, or of the last one
    std::vector<payments::CreditId> credits;
};

// A gift card or store credit with what it pays of this purchase.
struct AppliedCredit {
    payments::Credit credit;
    Money amount;
};
// In the order given, each as far as it reaches; what is left is for another payment. Those that may not be used pay nothing. A gift
// card pays for no other (`vouchers`, a part of the total): its time and what is known of where it came from would begin anew.
[[nodiscard]] std::vector<AppliedCredit> apply_credits(std::vector<payments::Credit> credits, const Money& total, const Money& vouchers,
                                                       const std::optional<Uuid>& customer, Timestamp now);

// What is shown may name the goods as they were two seconds ago; an order is made of what they are now.
enum class Purpose { show, order };

// The checkout and its cart, evaluated with the chosen delivery.
struct Snapshot {
    State state;
    cart::CartView view;
    std::optional<std::string> stale_option;  // chosen for another content or address: must be priced again
    std::vector<AppliedCredit> credits;

    [[nodiscard]] Money due() const {  // beyond gift cards and store credit
        Money out = view.priced.total;
        for (const auto& each : credits) out -= each.amount;
        return out;
    }
};

// A delivery with the content and address it was priced for.
struct PricedOption {
    shipping::OptionDto option;
    std::string basis;
};

// 409 with details.lines: what is short and how much is left.
[[nodiscard]] Error stock_unavailable(const std::vector<inventory::Shortage>& shortages);

// 409 with details.total and details.due.
[[nodiscard]] Error total_changed(const Money& total, const Money& due);
[[nodiscard]] std::string only_digits(std::string_view text);

[[nodiscard]] bool is_open(payments::AttemptState state);  // its outcome is not known yet

void step(std::string_view name);  // calls the step hook

class Service final : public Checkout {
public:
    explicit Service(Dependencies dependencies) : deps_(std::move(dependencies)) {}

    void add_routes(http::Routes& routes) override;
    void add_desk_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) override;
    void settle(payments::AttemptId attempt, const payments::Outcome& outcome) override;
    void on_login(db::Tx& tx, const customers::CustomerInfo& customer, const http::Request& request, http::Response& response) override;
    void give_back(db::Tx& tx, const cart::CartView& cart) override;
    int reconcile(Date day) override;
    std::vector<jobs::Handler> job_handlers() override;
    std::vector<jobs::Schedule> schedules() const override;

private:
    // state.cpp
    [[nodiscard]] std::optional<State> find_state(db::Session& session, cart::CartId cart);
    // Evaluates with the chosen option while it is still what was priced; a stale option is dropped from the state.
    [[nodiscard]] Snapshot evaluate(db::Session& session, State state, cart::StoredCart cart, const Customer& customer,
                                    Purpose purpose = Purpose::show);
    [[nodiscard]] static shipping::RateRequest rate_request(const Snapshot& snapshot, Timestamp at);
    [[nodiscard]] static std::string basis(const shipping::RateRequest& request);
    [[nodiscard]] CheckoutDto to_dto(const Snapshot& snapshot, const Customer& customer) const;
    // Without locks, for reading and for calls to the carrier. Fails with checkout.not_started.
    [[nodiscard]] Result<Snapshot> read(const cart::Visitor& visitor);
    // Whether the provider may still be working on a payment for this cart, or its shopper be at the bank.
    [[nodiscard]] bool is_being_paid(db::Session& session, cart::CartId cart);
    // Until when a sign of life holds the goods: not beyond two hours in one go.
    [[nodiscard]] Timestamp renewed_hold(const State& state) const;
    // Until when a payment that begins now holds them: time to pay once from there, however often it is tried.
    [[nodiscard]] Timestamp hold_for_payment(const State& state) const;
    [[nodiscard]] Timestamp held_until(const State& state, std::chrono::seconds anew, std::chrono::seconds in_one_go) const;

    // steps.cpp
    [[nodiscard]] http::Response start(const http::Request& request);
    [[nodiscard]] http::Response show(const http::Request& request);
    [[nodiscard]] http::Response set_contact(const http::Request& request);
    [[nodiscard]] http::Response set_address(const http::Request& request);
    [[nodiscard]] http::Response shipping_options(const http::Request& request);
    [[nodiscard]] http::Response service_points(const http::Request& request);
    [[nodiscard]] http::Response set_shipping(const http::Request& request);
    [[nodiscard]] http::Response payment_methods(const http::Request& request);
    // Locks the cart, lets `change` write, answers with the checkout as it is then.
    [[nodiscard]] http::Response update(const http::Request& request,
                                        const std::function<Result<void>(db::Tx&, State&, const cart::StoredCart&)>& change);

    // complete.cpp
    struct Prepared {
        orders::Header order;
        std::optional<payments::Attempt> attempt;  // absent: nothing to pay
        payments::SendData send;
    };
    [[nodiscard]] http::Response complete(const http::Request& request);
    [[nodiscard]] Result<void> check_payment(const PaymentInput& input, const Customer& customer, const Money& total,
                                             std::string_view country) const;
    [[nodiscard]] Result<Prepared> prepare(db::Tx& tx, const http::Request& request, const cart::Visitor& visitor,
                                           const CompleteInput& input, const std::optional<PricedOption>& repriced, std::string_view scope,
                                           std::string_view key);
    [[nodiscard]] orders::NewOrder to_order(const Snapshot& snapshot, const Customer& customer, std::string_view owner_hash,
                                            std::string_view method) const;
    // So many calls in ten minutes; 0: no limit.
    [[nodiscard]] std::optional<Error> limit(const std::string& bucket, int calls) const;
    [[nodiscard]] static std::string scope_of(const cart::Visitor& visitor);
    [[nodiscard]] static std::string owner_hash_of(const cart::Visitor& visitor);

    // credits.cpp
    void add_credit_routes(http::Routes& routes);
    void add_gift_card_desk_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit);
    [[nodiscard]] http::Response add_gift_card(const http::Request& request);
    [[nodiscard]] http::Response use_store_credit(const http::Request& request);
    [[nodiscard]] http::Response remove_credit(const http::Request& request);
    // The order that waits for its payment, if there is one: what it has on hold counts as free.
    [[nodiscard]] std::vector<AppliedCredit> credits_of(db::Session& session, const State& state, const cart::PricedCart& priced,
                                                        const Customer& customer);

    // due.cpp
    void add_due_routes(http::Routes& routes);
    void add_due_desk_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit);
    [[nodiscard]] http::Response show_due(const http::Request& request);
    [[nodiscard]] http::Response pay_due(const http::Request& request);
    [[nodiscard]] http::Response due_return(const http::Request& request);
    struct DueWish {
        orders::OrderId order;
        Money expected;
        payments::Method method = payments::Method::card;
        std::optional<Uuid> customer;
        std::optional<payments::StoredMethodId> stored_card;
        std::optional<payments::CardHint> card;
        bool save_card = false, merchant_initiated = false;
    };
    // Locks the order and writes the attempt. 409 checkout.nothing_due, checkout.total_changed, checkout.payment_in_progress.
    [[nodiscard]] Result<payments::Attempt> begin_due(db::Tx& tx, const DueWish& wish);

    // settle.cpp
    // A payment of what became due on an order that was sold long ago.
    void settle_due(db::Tx& tx, orders::Header& order, const payments::Attempt& before, const payments::Outcome& outcome);
    orders::Header settle_in(db::Tx& tx, payments::AttemptId attempt, const payments::Outcome& outcome);
    // `paid`: by the payment that confirms it, beside what is on hold. 409 payments.credit_short unless both make its total,
    // checkout.stock_unavailable.
    [[nodiscard]] Result<void> confirm(db::Tx& tx, orders::Header& order, orders::PaymentState payment, const Money& paid,
                                       std::string_view method, std::string_view label);
    // A hosted page takes the money without us: before it is left for another way to pay, the provider is asked what became of it.
    // Outside of a transaction. The page's attempt as it stands then, if there was an open one.
    [[nodiscard]] std::optional<payments::Attempt> settle_left_page(const Uuid& payable);
    // The shopper's tick at the contact step becomes a consent once there is an order.
    void record_consent(db::Tx& tx, const orders::Header& order);
    [[nodiscard]] CompletionDto answer(const orders::Header& order, const std::optional<payments::Attempt>& attempt) const;
    [[nodiscard]] http::Response payment_return(const http::Request& request, bool ask_provider);

    // The order's payment state after money went back.
    void after_refund(db::Tx& tx, orders::Header& order, orders::PaymentState nothing_left = orders::PaymentState::refunded);
    [[nodiscard]] payments::Booked book(const payments::Finding& finding);
    [[nodiscard]] payments::Payments::Listeners listeners();

    // jobs.cpp
    void sweep_payments();
    void cancel_stale();
    void cancel_unpaid(db::Tx& tx, orders::OrderId id);
    void purge();
    void refund(const jobs::Job& job);
    void capture(const jobs::Job& job);

    Dependencies deps_;
};

}  // namespace stoa::checkout
