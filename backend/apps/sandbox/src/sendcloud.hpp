#pragma once
// Sendcloud API v3 for one account (docs/reference/sendcloud.md): shipping options with quotes, service points, shipments with labels,
// tracking, returns, and the notifications about them. Basic auth, JSON:API errors, strict about requests. Parcels travel by the
// simulated clock; what goes wrong is decided by the address (docs/reference/sandbox.md).
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "control.hpp"
#include "sendcloud_data.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/json/value.hpp"
#include "webhooks.hpp"

namespace stoa::sandbox {

struct SendcloudOptions {
    std::string public_key = "sandbox-public";
    std::string secret_key = "sandbox-secret";
    std::string webhook_key;                                     // signs notifications; empty: the secret key
    std::string own_url = "http://localhost:8003/sendcloud";     // as the shop reaches us
    std::string public_url = "http://localhost:8003/sendcloud";  // as a browser does
    std::string webhook_url;  // as if entered in the panel; the shop may set its own with PATCH /integrations/{id}
    std::string state_file;   // shipments survive a restart; empty: they do not
    std::chrono::milliseconds slow_answer{20000};
};

class Sendcloud {
public:
    // Without a client no notification is sent.
    Sendcloud(Control& control, SendcloudOptions options, http_client::Client* client = nullptr);
    ~Sendcloud();
    void add_routes(http::Routes& routes);
    void reset();
    [[nodiscard]] Webhooks& webhooks() { return webhooks_; }
    // Brings every parcel to where it is at this moment of the simulated clock.
    void walk();

private:
    struct Event {
        int status = 0;
        Timestamp at;
    };
    struct Parcel {
        std::int64_t id = 0;
        std::string tracking;
        int status = 1001;
        Timestamp created, updated;
        std::optional<Timestamp> announced;
        std::vector<Event> events;
        std::size_t step = 0;  // on its way
        bool walking = true;   // false: a forced status ended the walk
        std::optional<Timestamp> cancel_asked;
        int before_cancel = 0;
        std::optional<Timestamp> due;  // of the next change
    };
    struct Shipment {
        std::int64_t number = 0;  // in the order of creation
        std::string id;
        bool is_return = false;
        json::Value body;  // as sent
        const sendcloud::Option* option = nullptr;
        Timestamp created;
        std::vector<Parcel> parcels;
    };
    struct Found {
        Shipment* shipment = nullptr;
        Parcel* parcel = nullptr;
    };
    struct Integration {
        std::string shop_name = "Stoa Home", shop_url, webhook_url;
        bool webhook_active = false, service_points = true;
        std::string feedback_type = "eager";
        std::vector<std::string> carriers = {sendcloud::kCarrierWithPoints};  // whose service points are used
    };

    // sendcloud_options.cpp, sendcloud_points.cpp
    [[nodiscard]] http::Response options(const http::Request& request) const;
    [[nodiscard]] http::Response points(const http::Request& request) const;
    [[nodiscard]] http::Response point(const http::Request& request) const;
    [[nodiscard]] http::Response availability(const http::Request& request) const;
    // the account (sendcloud.cpp)
    [[nodiscard]] http::Response senders(const http::Request& request) const;
    [[nodiscard]] http::Response statuses(const http::Request& request) const;
    [[nodiscard]] http::Response integrations(const http::Request& request) const;
    [[nodiscard]] http::Response integration(const http::Request& request) const;
    [[nodiscard]] http::Response change_integration(const http::Request& request);
    // shipments (sendcloud_shipments.cpp)
    [[nodiscard]] http::Response create(const http::Request& request, bool synchronous);
    [[nodiscard]] http::Response list(const http::Request& request) const;
    [[nodiscard]] http::Response get(const http::Request& request) const;
    [[nodiscard]] http::Response cancel(const http::Request& request);
    [[nodiscard]] http::Response document(const http::Request& request) const;
    [[nodiscard]] http::Response tracking(const http::Request& request) const;
    [[nodiscard]] http::Response tracking_page(const http::Request& request) const;
    [[nodiscard]] http::Response create_return(const http::Request& request, bool synchronous);
    [[nodiscard]] http::Response get_return(const http::Request& request) const;
    [[nodiscard]] http::Response list_returns(const http::Request& request) const;
    [[nodiscard]] http::Response cancel_return(const http::Request& request);
    // control
    [[nodiscard]] http::Response settings(const http::Request& request);
    [[nodiscard]] http::Response force_status(const http::Request& request);
    [[nodiscard]] http::Response resend(const http::Request& request);
    [[nodiscard]] http::Response deliveries(const http::Request& request) const;
    [[nodiscard]] http::Response parcels(const http::Request& request) const;

    [[nodiscard]] http::Handler guarded(http::Handler handler);
    [[nodiscard]] bool over_the_limit(bool writes);
    [[nodiscard]] Timestamp now() const;
    Shipment& add(Shipment shipment, std::size_t parcels);
    void index(Shipment& shipment);
    void plan(Parcel& parcel, const Shipment& shipment);
    void change(Shipment& shipment, Parcel& parcel, int status, Timestamp at);
    void advance(Shipment& shipment, Parcel& parcel);
    // The outcome of asking to cancel: 200, 202 or 409.
    int ask_to_cancel(Shipment& shipment);
    [[nodiscard]] Found find_parcel(std::int64_t id) const;
    [[nodiscard]] const Shipment* find(std::string_view id) const;
    [[nodiscard]] std::string label_mime(const Shipment& shipment) const;
    [[nodiscard]] std::string paper(const Shipment& shipment, const Parcel& parcel, std::string_view type, std::string_view mime,
                                    int dpi) const;
    [[nodiscard]] std::string json_of(const Shipment& shipment, bool with_label) const;
    [[nodiscard]] std::string notification(const Shipment& shipment, const Parcel& parcel, std::int64_t timestamp, Timestamp at) const;
    void save(const Shipment& shipment);
    void save_account();
    [[nodiscard]] Integration first_integration() const;
    void load();

    Control& control_;
    SendcloudOptions options_;
    Webhooks webhooks_;
    mutable std::mutex mutex_;
    mutable std::map<std::int64_t, Shipment> shipments_;  // by number
    std::map<std::string, std::int64_t, std::less<>> by_id_, by_reference_, by_return_reference_, by_tracking_;
    std::map<std::int64_t, std::int64_t> by_parcel_;
    std::set<std::pair<Timestamp, std::int64_t>> due_;  // (moment, parcel)
    Integration integration_;
    std::set<int> full_points_;
    std::int64_t next_number_ = 0, next_parcel_ = 383700000;
    bool limits_ = false;
    std::deque<std::chrono::steady_clock::time_point> reads_, writes_;
    bool stopping_ = false;
    std::condition_variable wake_;
    int listener_ = 0;
    std::thread thread_;
};

}  // namespace stoa::sandbox
