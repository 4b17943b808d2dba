#pragma once
// A small shop with everything that a route may ask for, and one acceptable request for each operation of the API document.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "schema.hpp"
#include "steps.hpp"
#include "world.hpp"

namespace stoa::testing {

struct Ask {
    Shopper* who = nullptr;
    std::map<std::string, std::string> params;  // of the path
    std::string query;                          // with "?"
    std::string body;
    std::string key;                             // Idempotency-Key
    int status = 200;                            // what it answers with
    bool owned = false;                          // the path names something that belongs to one shopper
    std::map<std::string, std::string> headers;  // instead of what a browser sends; empty value: left out
    std::string file;                            // a picture, as multipart would bring it
};

class Stage {
public:
    Stage();
    // One acceptable request; makes what it needs to be acceptable now.
    [[nodiscard]] Ask ask(const std::string& operation);
    [[nodiscard]] bool knows(const std::string& operation) const { return asks_.contains(operation); }
    [[nodiscard]] static std::string target(const Document::Operation& operation, const Ask& ask);
    Answer send(const Document::Operation& operation, const Ask& ask);
    // A received return whose buyer wants other goods.
    std::string to_exchange();
    // A shipment of an order that is paid for, with its label or without.
    std::string shipment(bool announced);
    // A visitor with one thing in the cart and every step of the checkout done.
    Shopper& ready_to_pay();
    // A new account, logged in.
    Shopper& account(const std::string& email, const std::string& password = "correct horse battery");
    // A new member of staff who may do everything, signed in; with `totp` their second factor is on, and its secret is kept.
    Shopper& staff(const std::string& email, std::string* totp = nullptr);
    // A code of that secret that nobody has used: moves the clock by a step.
    std::string fresh_code(const std::string& secret);
    [[nodiscard]] std::string token_from_mail(const std::string& to);
    void forget_limits();  // rate limits start again
    // Of every table; empties and sizes included.
    [[nodiscard]] std::map<std::string, std::string> state();

    World world;
    Document document;
    Goods chair, lamp;
    Shopper* ana = nullptr;   // an account with everything
    Shopper* eve = nullptr;   // another account
    Shopper* mia = nullptr;   // of the staff
    Shopper* boss = nullptr;  // an administrator, signed in

private:
    void add_asks();
    void add_staff_asks();
    void open_store();
    std::string fresh_email();
    // Ana has bought a lamp and has it: its order's id, number and line.
    struct Delivered {
        std::string order, number, line;
        std::int64_t version = 0;
    };
    Delivered delivered();
    // A return of that lamp, as far as it is: "requested", "approved" or "received".
    std::string returned(const std::string& state);
    // For the order desk: an order that is paid for and nothing more.
    std::string paid_order();
    std::string my(const std::string& target, const std::string& member);  // id of ana's first item of a list
    std::map<std::string, std::function<Ask(Stage&)>> asks_;
    std::vector<std::unique_ptr<Shopper>> people_;
    int people_made_ = 0;
};

// Every problem code with its row in docs/reference/api-errors.md.
[[nodiscard]] std::map<std::string, std::string> documented_codes();

}  // namespace stoa::testing
