#pragma once
// The order desk on the wire.
#include <optional>
#include <string>
#include <vector>

#include "stoa/customers/customers.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/orders/dto.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::orders {

struct DeskQuery {
    std::optional<State> state;
    std::optional<std::string> q, tag, cursor;
    bool trouble = false, waiting = false;
    std::int64_t limit = 50;
};
inline void describe(json::Struct<DeskQuery>& d) {
    d.name("DeskQuery");
    d.field<&DeskQuery::state>("state");
    d.field<&DeskQuery::q>("q", "Number, e-mail address, name, SKU or tracking number.").min_length(2).max_length(120);
    d.field<&DeskQuery::tag>("tag").min_length(1).max_length(40);
    d.field<&DeskQuery::trouble>("trouble", "Only with a parcel that is stuck, or came back and was not booked in.").optional();
    d.field<&DeskQuery::waiting>("waiting", "Only with units that are not there yet.").optional();
    d.field<&DeskQuery::cursor>("cursor", "next_cursor of the page before.").max_length(120);
    d.field<&DeskQuery::limit>("limit", "Entries per page.").min(1).max(200).optional();
}
struct DeskOrderDto {
    OrderId id;
    std::string number;
    Timestamp placed_at;
    State state = State::confirmed;
    PaymentState payment_state = PaymentState::paid;
    Money total;
    std::string name, email, country;
    std::int64_t item_count = 0, waiting_units = 0;
    std::vector<std::string> tags;
};
inline void describe(json::Struct<DeskOrderDto>& d) {
    d.name("DeskOrderSummary");
    d.field<&DeskOrderDto::id>("id");
    d.field<&DeskOrderDto::number>("number");
    d.field<&DeskOrderDto::placed_at>("placed_at");
    d.field<&DeskOrderDto::state>("state");
    d.field<&DeskOrderDto::payment_state>("payment_state");
    d.field<&DeskOrderDto::total>("total");
    d.field<&DeskOrderDto::name>("name", "Who receives it.");
    d.field<&DeskOrderDto::email>("email");
    d.field<&DeskOrderDto::country>("country");
    d.field<&DeskOrderDto::item_count>("item_count");
    d.field<&DeskOrderDto::waiting_units>("waiting_units", "Units that are not there yet.");
    d.field<&DeskOrderDto::tags>("tags");
}
struct DeskListDto {
    std::vector<DeskOrderDto> items;
    std::optional<std::string> next_cursor;
};
inline void describe(json::Struct<DeskListDto>& d) {
    d.name("DeskOrderList");
    d.field<&DeskListDto::items>("items");
    d.field<&DeskListDto::next_cursor>("next_cursor");
}

struct DeskParcelDto {
    int position = 1;
    std::int64_t weight_grams = 0;
    std::string tracking_number;
    std::optional<std::string> tracking_url;
    shipping::ShipmentState state = shipping::ShipmentState::planned;
    std::string status;
    std::optional<Timestamp> status_at;
};
inline void describe(json::Struct<DeskParcelDto>& d) {
    d.name("ShipmentParcel");
    d.field<&DeskParcelDto::position>("position");
    d.field<&DeskParcelDto::weight_grams>("weight_grams");
    d.field<&DeskParcelDto::tracking_number>("tracking_number", "Empty until there is a label.");
    d.field<&DeskParcelDto::tracking_url>("tracking_url");
    d.field<&DeskParcelDto::state>("state");
    d.field<&DeskParcelDto::status>("status", "In the carrier platform's words.");
    d.field<&DeskParcelDto::status_at>("status_at");
}
struct DeskShipmentLineDto {
    int parcel = 1;
    OrderLineId line_id;
    std::string sku, name;
    std::int64_t quantity = 1;
};
inline void describe(json::Struct<DeskShipmentLineDto>& d) {
    d.name("ShipmentLine");
    d.field<&DeskShipmentLineDto::parcel>("parcel");
    d.field<&DeskShipmentLineDto::line_id>("line_id");
    d.field<&DeskShipmentLineDto::sku>("sku");
    d.field<&DeskShipmentLineDto::name>("name");
    d.field<&DeskShipmentLineDto::quantity>("quantity");
}
struct DeskShipmentDto {
    shipping::ShipmentId id;
    OrderId order_id;
    std::string order_number;
    int number = 1;
    inventory::WarehouseId warehouse_id;
    shipping::ShipmentState state = shipping::ShipmentState::planned;
    std::string reference, option_code, carrier;
    std::optional<std::string> service_point_id;
    shipping::ShipTo to;
    std::vector<shipping::ShipmentProblem> problems;
    std::vector<DeskShipmentLineDto> lines;
    std::vector<DeskParcelDto> parcels;
    Timestamp created_at;
    std::optional<Timestamp> announced_at, left_at, delivered_at, booked_in_at;
};
inline void describe(json::Struct<DeskShipmentDto>& d) {
    d.name("Shipment");
    d.field<&DeskShipmentDto::id>("id");
    d.field<&DeskShipmentDto::order_id>("order_id");
    d.field<&DeskShipmentDto::order_number>("order_number");
    d.field<&DeskShipmentDto::number>("number", "The order's first, second, ...");
    d.field<&DeskShipmentDto::warehouse_id>("warehouse_id");
    d.field<&DeskShipmentDto::state>("state");
    d.field<&DeskShipmentDto::reference>("reference", "Ours at the carrier platform, of the last attempt.");
    d.field<&DeskShipmentDto::option_code>("option_code", "Of the carrier platform. Empty: the cheapest that fits is chosen.");
    d.field<&DeskShipmentDto::carrier>("carrier");
    d.field<&DeskShipmentDto::service_point_id>("service_point_id");
    d.field<&DeskShipmentDto::to>("to");
    d.field<&DeskShipmentDto::problems>("problems", "Why the last attempt was refused.");
    d.field<&DeskShipmentDto::lines>("lines");
    d.field<&DeskShipmentDto::parcels>("parcels");
    d.field<&DeskShipmentDto::created_at>("created_at");
    d.field<&DeskShipmentDto::announced_at>("announced_at");
    d.field<&DeskShipmentDto::left_at>("left_at");
    d.field<&DeskShipmentDto::delivered_at>("delivered_at");
    d.field<&DeskShipmentDto::booked_in_at>("booked_in_at", "It came back, and its goods are in the house again.");
}
[[nodiscard]] DeskShipmentDto to_dto(const shipping::Shipment& shipment);

struct BookedInLineDto {
    OrderLineId line_id;
    std::int64_t restocked = 0;
};
inline void describe(json::Struct<BookedInLineDto>& d) {
    d.name("BookedInLine");
    d.field<&BookedInLineDto::line_id>("line_id");
    d.field<&BookedInLineDto::restocked>("restocked", "Units that are sold again; the others are written off.").min(0).max(100000);
}
struct BookInDto {
    std::vector<BookedInLineDto> lines;
};
inline void describe(json::Struct<BookInDto>& d) {
    d.name("ShipmentBookIn");
    d.field<&BookInDto::lines>("lines", "Every line of the parcels that came back.").min_length(1).max_length(1000);
}

struct DeskTimelineDto {
    Timestamp at;
    std::string kind;
    json::Raw data{"{}"};
};
inline void describe(json::Struct<DeskTimelineDto>& d) {
    d.name("DeskTimelineEntry");
    d.field<&DeskTimelineDto::at>("at");
    d.field<&DeskTimelineDto::kind>("kind");
    d.field<&DeskTimelineDto::data>("data");
}
struct DeskNoteDto {
    Timestamp at;
    std::string author, body;
};
inline void describe(json::Struct<DeskNoteDto>& d) {
    d.name("OrderNote");
    d.field<&DeskNoteDto::at>("at");
    d.field<&DeskNoteDto::author>("author");
    d.field<&DeskNoteDto::body>("body");
}
struct DeskPaymentDto {
    payments::AttemptId id;
    std::string reference;
    payments::Method method = payments::Method::card;
    payments::AttemptState state = payments::AttemptState::paid;
    payments::Decline decline = payments::Decline::none;
    std::string label;
    Money amount, captured, refunded;
    Timestamp created_at;
};
inline void describe(json::Struct<DeskPaymentDto>& d) {
    d.name("DeskPayment");
    d.field<&DeskPaymentDto::id>("id");
    d.field<&DeskPaymentDto::reference>("reference");
    d.field<&DeskPaymentDto::method>("method");
    d.field<&DeskPaymentDto::state>("state");
    d.field<&DeskPaymentDto::decline>("decline");
    d.field<&DeskPaymentDto::label>("label");
    d.field<&DeskPaymentDto::amount>("amount");
    d.field<&DeskPaymentDto::captured>("captured");
    d.field<&DeskPaymentDto::refunded>("refunded");
    d.field<&DeskPaymentDto::created_at>("created_at");
}
// Of an exchange: the return whose goods this order replaces, and the order that they were bought with.
struct DeskReplacesDto {
    ReturnId return_id;
    std::string return_number;
    OrderId order_id;
    std::string order_number;
};
inline void describe(json::Struct<DeskReplacesDto>& d) {
    d.name("DeskReplaces");
    d.field<&DeskReplacesDto::return_id>("return_id");
    d.field<&DeskReplacesDto::return_number>("return_number");
    d.field<&DeskReplacesDto::order_id>("order_id", "What they were bought with.");
    d.field<&DeskReplacesDto::order_number>("order_number");
}
struct DeskDetailDto {
    OrderDto order;
    std::optional<customers::CustomerId> customer_id;
    std::string phone;
    std::vector<std::string> tags;
    std::vector<DeskNoteDto> notes;
    std::vector<DeskTimelineDto> history;
    std::vector<DeskPaymentDto> payments;
    std::vector<DeskShipmentDto> shipments;
    std::optional<DeskReplacesDto> replaces;
};
inline void describe(json::Struct<DeskDetailDto>& d) {
    d.name("DeskOrder");
    d.field<&DeskDetailDto::order>("order", "As its buyer sees it.");
    d.field<&DeskDetailDto::customer_id>("customer_id");
    d.field<&DeskDetailDto::phone>("phone");
    d.field<&DeskDetailDto::tags>("tags");
    d.field<&DeskDetailDto::notes>("notes");
    d.field<&DeskDetailDto::history>("history", "Everything that happened, oldest first.");
    d.field<&DeskDetailDto::payments>("payments");
    d.field<&DeskDetailDto::shipments>("shipments");
    d.field<&DeskDetailDto::replaces>("replaces", "Where it brings the goods of an exchange.");
}

struct NewNoteDto {
    std::string body;
};
inline void describe(json::Struct<NewNoteDto>& d) {
    d.name("NewOrderNote");
    d.field<&NewNoteDto::body>("body").not_blank().max_length(4000);
}
struct NotesDto {
    std::vector<DeskNoteDto> items;
};
inline void describe(json::Struct<NotesDto>& d) {
    d.name("OrderNotes");
    d.field<&NotesDto::items>("items");
}
struct TagsDto {
    std::vector<std::string> tags;
};
inline void describe(json::Struct<TagsDto>& d) {
    d.name("OrderTags");
    d.field<&TagsDto::tags>("tags", "All of them: what is not named is removed.").max_length(20);
}

struct ProposalLineDto {
    OrderLineId line_id;
    std::string sku, name;
    std::int64_t quantity = 1;
    int parcel = 1;
};
inline void describe(json::Struct<ProposalLineDto>& d) {
    d.name("ShipmentProposalLine");
    d.field<&ProposalLineDto::line_id>("line_id");
    d.field<&ProposalLineDto::sku>("sku");
    d.field<&ProposalLineDto::name>("name");
    d.field<&ProposalLineDto::quantity>("quantity");
    d.field<&ProposalLineDto::parcel>("parcel", "0: in none.");
}
struct ProposalPartDto {
    inventory::WarehouseId warehouse_id;
    std::string warehouse_name;
    int parcels = 0;
    Money cost;
    std::vector<ProposalLineDto> lines;
};
inline void describe(json::Struct<ProposalPartDto>& d) {
    d.name("ShipmentProposalPart");
    d.field<&ProposalPartDto::warehouse_id>("warehouse_id");
    d.field<&ProposalPartDto::warehouse_name>("warehouse_name");
    d.field<&ProposalPartDto::parcels>("parcels");
    d.field<&ProposalPartDto::cost>("cost");
    d.field<&ProposalPartDto::lines>("lines");
}
struct ProposalReasonDto {
    std::vector<std::string> warehouses;
    int parcels = 0;
    Money cost;
    std::int64_t missing = 0;
    std::string verdict;
};
inline void describe(json::Struct<ProposalReasonDto>& d) {
    d.name("ShipmentProposalReason");
    d.field<&ProposalReasonDto::warehouses>("warehouses");
    d.field<&ProposalReasonDto::parcels>("parcels");
    d.field<&ProposalReasonDto::cost>("cost");
    d.field<&ProposalReasonDto::missing>("missing", "Units that these warehouses do not have.");
    d.field<&ProposalReasonDto::verdict>("verdict", "chosen, or why it was not.");
}
struct ProposalDto {
    std::vector<ProposalPartDto> parts;
    std::vector<ProposalLineDto> missing;
    std::vector<ProposalReasonDto> considered;
};
inline void describe(json::Struct<ProposalDto>& d) {
    d.name("ShipmentProposal");
    d.field<&ProposalDto::parts>("parts");
    d.field<&ProposalDto::missing>("missing", "In no warehouse now: to follow later.");
    d.field<&ProposalDto::considered>("considered", "What was weighed, best first.");
}

struct NewShipmentLineDto {
    OrderLineId line_id;
    std::int64_t quantity = 1;
};
inline void describe(json::Struct<NewShipmentLineDto>& d) {
    d.name("NewShipmentLine");
    d.field<&NewShipmentLineDto::line_id>("line_id");
    d.field<&NewShipmentLineDto::quantity>("quantity").min(1).max(1000000);
}
struct NewShipmentDto {
    inventory::WarehouseId warehouse_id;
    std::vector<NewShipmentLineDto> lines;
    std::optional<std::string> option_code;
};
inline void describe(json::Struct<NewShipmentDto>& d) {
    d.name("NewShipment");
    d.field<&NewShipmentDto::warehouse_id>("warehouse_id");
    d.field<&NewShipmentDto::lines>("lines").min_length(1).max_length(5000);
    d.field<&NewShipmentDto::option_code>("option_code", "Of the carrier platform.").max_length(200);
}
struct PlanDto {
    std::vector<NewShipmentDto> shipments;
    std::optional<bool> anyway;
};
inline void describe(json::Struct<PlanDto>& d) {
    d.name("ShipmentPlan");
    d.field<&PlanDto::shipments>("shipments", "Empty: everything that is left, as proposed.").max_length(20);
    d.field<&PlanDto::anyway>("anyway", "Also when the order owes money or its money went back (orders.money_due).");
}
struct SplitLineDto {
    OrderLineId line_id;
    std::int64_t quantity = 1;
};
inline void describe(json::Struct<SplitLineDto>& d) {
    d.name("ShipmentSplitLine");
    d.field<&SplitLineDto::line_id>("line_id");
    d.field<&SplitLineDto::quantity>("quantity").min(1).max(100000);
}
struct SplitDto {
    std::vector<SplitLineDto> lines;
    std::optional<inventory::WarehouseId> warehouse_id;
};
inline void describe(json::Struct<SplitDto>& d) {
    d.name("ShipmentSplit");
    d.field<&SplitDto::lines>("lines", "What goes into the new shipment.").max_length(1000);
    d.field<&SplitDto::warehouse_id>("warehouse_id", "From where that is sent; without it from the same.");
}
struct ShipmentListDto {
    std::vector<DeskShipmentDto> items;
};
inline void describe(json::Struct<ShipmentListDto>& d) {
    d.name("ShipmentList");
    d.field<&ShipmentListDto::items>("items");
}

struct AnnounceDto {
    std::vector<shipping::ShipmentId> shipment_ids;
    std::optional<bool> anyway;
};
inline void describe(json::Struct<AnnounceDto>& d) {
    d.name("AnnounceShipments");
    d.field<&AnnounceDto::shipment_ids>("shipment_ids").min_length(1).max_length(50);
    d.field<&AnnounceDto::anyway>("anyway", "Also when an order owes money or its money went back (orders.money_due).");
}
struct AnnouncedDto {
    shipping::ShipmentId shipment_id;
    bool labelled = false;
    std::optional<std::string> code, message;
    std::optional<DeskShipmentDto> shipment;
};
inline void describe(json::Struct<AnnouncedDto>& d) {
    d.name("AnnouncedShipment");
    d.field<&AnnouncedDto::shipment_id>("shipment_id");
    d.field<&AnnouncedDto::labelled>("labelled", "There is a label now.");
    d.field<&AnnouncedDto::code>("code", "Why there is none, when nobody could be asked or the shipment does not allow it.");
    d.field<&AnnouncedDto::message>("message");
    d.field<&AnnouncedDto::shipment>("shipment", "With its problems, where the carrier refused it.");
}
struct AnnouncedListDto {
    std::vector<AnnouncedDto> items;
};
inline void describe(json::Struct<AnnouncedListDto>& d) {
    d.name("AnnouncedShipments");
    d.field<&AnnouncedListDto::items>("items");
}
struct CorrectionDto {
    std::optional<shipping::ShipTo> to;
    std::optional<std::string> option_code, service_point_id;
};
inline void describe(json::Struct<CorrectionDto>& d) {
    d.name("ShipmentCorrection");
    d.field<&CorrectionDto::to>("to");
    d.field<&CorrectionDto::option_code>("option_code", "Empty: the cheapest that fits.").max_length(200);
    d.field<&CorrectionDto::service_point_id>("service_point_id", "Empty: none.").max_length(40);
}
struct ByHandDto {
    std::string carrier;
    std::vector<std::string> tracking_numbers;
    std::optional<std::string> tracking_url;
    std::optional<bool> anyway;
};
inline void describe(json::Struct<ByHandDto>& d) {
    d.name("ShipmentByHand");
    d.field<&ByHandDto::carrier>("carrier", "Who has it; may be left out.").trim().max_length(60).optional();
    d.field<&ByHandDto::tracking_numbers>("tracking_numbers", "Of each parcel, in their order; may be left out.").max_length(50).optional();
    d.field<&ByHandDto::tracking_url>("tracking_url", "Where the carrier shows them.").trim().max_length(500).pattern("https?://[^ ]+");
    d.field<&ByHandDto::anyway>("anyway", "Also when the order owes money or its money went back (orders.money_due).");
}
enum class HandEnd { delivered, returned };
inline json::EnumNames<HandEnd> enum_names(HandEnd) {
    static constexpr std::pair<HandEnd, std::string_view> names[] = {{HandEnd::delivered, "delivered"}, {HandEnd::returned, "returned"}};
    return names;
}
struct HandEndDto {
    HandEnd end = HandEnd::delivered;
};
inline void describe(json::Struct<HandEndDto>& d) {
    d.name("ShipmentHandEnd");
    d.field<&HandEndDto::end>("end");
}
struct LabelQuery {
    shipping::LabelFormat format = shipping::LabelFormat::pdf;
    std::int64_t parcel = 1;
};
inline void describe(json::Struct<LabelQuery>& d) {
    d.name("LabelQuery");
    d.field<&LabelQuery::format>("format").optional();
    d.field<&LabelQuery::parcel>("parcel").min(1).max(50).optional();
}
struct CustomsDto {
    std::string hs_code, origin_country;
};
inline void describe(json::Struct<CustomsDto>& d) {
    d.name("CustomsData");
    d.field<&CustomsDto::hs_code>("hs_code", "Tariff number.").pattern("[0-9]{6,12}");
    d.field<&CustomsDto::origin_country>("origin_country").pattern("[A-Z]{2}");
}

struct PickingQuery {
    std::vector<OrderId> orders;
};
inline void describe(json::Struct<PickingQuery>& d) {
    d.name("PickingListQuery");
    d.field<&PickingQuery::orders>("orders").min_length(1).max_length(100);
}
struct PickForDto {
    std::string order_number;
    int shipment = 1;
    std::int64_t quantity = 1;
};
inline void describe(json::Struct<PickForDto>& d) {
    d.name("PickFor");
    d.field<&PickForDto::order_number>("order_number");
    d.field<&PickForDto::shipment>("shipment");
    d.field<&PickForDto::quantity>("quantity");
}
struct PickDto {
    inventory::WarehouseId warehouse_id;
    std::string sku, name;
    std::int64_t quantity = 0;
    std::vector<PickForDto> orders;
};
inline void describe(json::Struct<PickDto>& d) {
    d.name("PickingListItem");
    d.field<&PickDto::warehouse_id>("warehouse_id");
    d.field<&PickDto::sku>("sku");
    d.field<&PickDto::name>("name");
    d.field<&PickDto::quantity>("quantity");
    d.field<&PickDto::orders>("orders", "For whom.");
}
struct PickingListDto {
    std::vector<PickDto> items;
    std::vector<OrderId> unplanned, money_due;
};
inline void describe(json::Struct<PickingListDto>& d) {
    d.name("PickingList");
    d.field<&PickingListDto::items>("items", "By warehouse and SKU: what is in shipments that have not left.");
    d.field<&PickingListDto::unplanned>("unplanned", "Orders that have no such shipment, and goods that wait for one.");
    d.field<&PickingListDto::money_due>("money_due", "Orders that owe money or whose money went back: nothing of them goes but anyway.");
}

}  // namespace stoa::orders
