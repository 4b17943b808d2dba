#pragma once
// Shipments that the carrier platform knows nothing of: handed to a carrier whose name and numbers somebody typed, or to nobody in
// particular. No news come of them: how they go on is said by hand as well.
#include <string>
#include <vector>

#include "stoa/shipping/shipments.hpp"

namespace stoa::shipping {

struct Handed {
    std::string carrier;
    std::vector<std::string> tracking_numbers;  // one for each parcel at the most, in their order
    std::string tracking_url;                   // where the carrier shows them; empty: nowhere
};

class ByHand {
public:
    virtual ~ByHand() = default;
    // 409 shipping.already_announced when there is a label; 422 /tracking_numbers.
    [[nodiscard]] virtual Result<Shipment> send_by_hand(db::Tx& tx, ShipmentId id, const Handed& how, const Witness& witness) = 0;
    // Delivered or returned, as somebody was told. 409 shipping.followed when the platform knows it, shipping.transition_not_allowed.
    [[nodiscard]] virtual Result<Shipment> end_by_hand(db::Tx& tx, ShipmentId id, ShipmentState end, const Witness& witness) = 0;
};
// Of what make_shipments() made.
[[nodiscard]] ByHand& by_hand(Shipments& shipments);

}  // namespace stoa::shipping
