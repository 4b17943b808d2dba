// The order desk: find an order, see all of it, pack it, print its labels.
#include <algorithm>
#include <map>
#include <set>

#include "documents/merge.hpp"
#include "http/desk_dto.hpp"
#include "sql/desk.hpp"
#include "stoa/http/cursor.hpp"
#include "stoa/orders/fulfilment.hpp"
#include "stoa/shipping/by_hand.hpp"

namespace stoa::orders {
namespace {

using shipping::Shipment;
using shipping::ShipmentId;

// By number and by article so many are looked at, the newest.
constexpr int kMostFound = 1000;
constexpr int kMostWaiting = 20000;
constexpr int kAnnounceThreads = 4;

Error order_unknown() { return {ErrorKind::not_found, "orders.not_found", "There is no such order.", {}, {}, {}, 0}; }
Error shipment_unknown() { return {ErrorKind::not_found, "shipping.shipment_unknown", "There is no such shipment.", {}, {}, {}, 0}; }

using Cursor = http::TimeCursor<OrderId>;

bool looks_like_number(std::string_view text) {
    if (text.size() > 2 && (text[0] == 'S' || text[0] == 's') && text[1] == '-') text.remove_prefix(2);
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

ShipmentListDto to_list(const std::vector<Shipment>& shipments) {
    ShipmentListDto dto;
    for (const auto& shipment : shipments) dto.items.push_back(to_dto(shipment));
    return dto;
}

std::string state_json(const Shipment& shipment) {
    json::Writer out;
    out.begin_object();
    out.member("state", json::to_name(shipment.state));
    out.member("reference", shipment.reference);
    out.end_object();
    return out.take();
}

class Desk {
public:
    explicit Desk(DeskDependencies dependencies) : deps_(dependencies) {}

    http::Response list(const http::Request& request) {
        if (const auto actor = deps_.gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
        const auto query = http::query_as<DeskQuery>(request);
        if (!query) return http::problem(query.error());
        const auto cursor = query->cursor ? Cursor::parse(*query->cursor) : Cursor::begin();
        if (!cursor) return http::problem(cursor.error());
        const auto dto = deps_.database.read([&](db::Session& session) { return find(session, *query, *cursor); });
        return http::ok(dto);
    }

    http::Response show(const http::Request& request) {
        if (const auto actor = deps_.gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
        const auto id = http::id_param<OrderId>(request, "id");
        const auto dto = deps_.database.read([&](db::Session& session) { return detail(session, id); });
        if (!dto) return http::problem(order_unknown());
        return http::ok(*dto);
    }

    http::Response add_note(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.update");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<OrderId>(request, "id");
        const auto body = http::body_as<NewNoteDto>(request);
        if (!body) return http::problem(body.error());
        return deps_.idempotency.run(request, scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
            if (!deps_.orders.lock(tx, id)) return fail(order_unknown());
            tx.exec(sql::add_note, id, deps_.clock.now(), actor->id, actor->name, body->body);
            auto answer = http::created(notes(tx, id));
            deps_.audit.record(tx, *actor, {"note", "orders", id.to_string(), "", json::render(*body)});
            return answer;
        });
    }

    http::Response set_tags(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.update");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<OrderId>(request, "id");
        const auto body = http::body_as<TagsDto>(request);
        if (!body) return http::problem(body.error());
        std::set<std::string> tags;
        for (std::size_t i = 0; i < body->tags.size(); ++i) {
            const auto& tag = body->tags[i];
            const bool blank = tag.find_first_not_of(' ') == std::string::npos;
            if (blank || tag.size() > 40)
                return http::problem(fail_field("/tags/" + std::to_string(i), "invalid", "A tag has 1 to 40 characters.").error());
            tags.insert(tag);
        }
        const std::vector<std::string> list(tags.begin(), tags.end());
        const auto done = deps_.database.in_tx([&](db::Tx& tx) -> Result<TagsDto> {
            if (!deps_.orders.lock(tx, id)) return fail(order_unknown());
            TagsDto before{tx.query(sql::desk_head, id).front().get<std::vector<std::string>>("tags")};
            tx.exec(sql::clear_tags, id, list);
            tx.exec(sql::add_tags, id, list);
            TagsDto after{list};
            if (before.tags != after.tags)
                deps_.audit.record(tx, *actor, {"update", "orders", id.to_string(), json::render(before), json::render(after)});
            return after;
        });
        if (!done) return http::problem(done.error());
        return http::ok(*done);
    }

    http::Response propose(const http::Request& request) {
        if (const auto actor = deps_.gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
        const auto id = http::id_param<OrderId>(request, "id");
        const auto proposal = deps_.database.read([&](db::Session& session) { return deps_.fulfilment.propose(session, id); });
        if (!proposal) return http::problem(proposal.error());
        const auto lines = [](const std::vector<Proposal::Line>& from) {
            std::vector<ProposalLineDto> out;
            for (const auto& line : from) out.push_back({line.line, line.sku, line.name, line.quantity, line.parcel});
            return out;
        };
        ProposalDto dto;
        for (const auto& part : proposal->parts)
            dto.parts.push_back({part.warehouse, part.warehouse_name, part.parcels, Money(part.cost, deps_.currency), lines(part.lines)});
        dto.missing = lines(proposal->missing);
        for (const auto& each : proposal->considered)
            dto.considered.push_back({each.warehouses, each.parcels, Money(each.cost, deps_.currency), each.missing, each.verdict});
        return http::ok(dto);
    }

    http::Response plan(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<OrderId>(request, "id");
        const auto body = http::body_as<PlanDto>(request);
        if (!body) return http::problem(body.error());
        std::vector<ShipmentWish> wishes;
        for (const auto& shipment : body->shipments) {
            ShipmentWish wish;
            wish.warehouse = shipment.warehouse_id;
            for (const auto& line : shipment.lines) wish.lines.push_back({line.line_id, line.quantity});
            wish.option_code = shipment.option_code.value_or("");
            wishes.push_back(std::move(wish));
        }
        return deps_.idempotency.run(request, scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
            const auto made = deps_.fulfilment.plan(tx, id, wishes, unpaid_of(body->anyway));
            if (!made) return std::unexpected(made.error());
            auto answer = http::created(to_list(*made));
            for (const auto& shipment : *made)
                deps_.audit.record(tx, *actor, {"create", "shipments", shipment.id.to_string(), "", state_json(shipment)});
            if (unpaid_of(body->anyway) == Unpaid::sent_anyway)
                deps_.audit.record(tx, *actor, {"ship_anyway", "orders", id.to_string(), "", json::render(*body)});
            return answer;
        });
    }

    http::Response split(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<ShipmentId>(request, "id");
        const auto body = http::body_as<SplitDto>(request);
        if (!body) return http::problem(body.error());
        std::vector<ShipmentWish::Line> lines;
        for (const auto& line : body->lines) lines.push_back({line.line_id, line.quantity});
        return deps_.idempotency.run(request, scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
            const auto both = deps_.fulfilment.split(tx, id, lines, body->warehouse_id);
            if (!both) return std::unexpected(both.error());
            auto answer = http::created(to_list(*both));
            deps_.audit.record(tx, *actor, {"split", "shipments", id.to_string(), "", json::render(*body)});
            return answer;
        });
    }

    http::Response announce(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto body = http::body_as<AnnounceDto>(request);
        if (!body) return http::problem(body.error());
        std::vector<ShipmentId> ids;
        for (const auto id : body->shipment_ids) {
            if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
        }
        std::vector<Result<Shipment>> results;
        return outside(request, *actor, [&](db::Tx* tx) -> Result<http::Response> {
            if (!tx) {
                results = deps_.shipments.announce(ids, kAnnounceThreads, label_witness(*actor, unpaid_of(body->anyway)));
                return http::Response{};
            }
            AnnouncedListDto dto;
            for (std::size_t i = 0; i < ids.size(); ++i) {
                const auto& result = results[i];
                AnnouncedDto item;
                item.shipment_id = ids[i];
                if (result) {
                    item.shipment = to_dto(*result);
                    item.labelled = !result->provider_id.empty() && result->state != shipping::ShipmentState::failed;
                } else {
                    item.code = result.error().code;
                    item.message = result.error().message;
                }
                dto.items.push_back(std::move(item));
            }
            return http::ok(dto);
        });
    }

    http::Response cancel(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<ShipmentId>(request, "id");
        std::optional<Shipment> after;
        return outside(request, *actor, [&](db::Tx* tx) -> Result<http::Response> {
            if (tx) return http::ok(to_dto(*after));
            auto done = deps_.shipments.cancel(id, witness(*actor, "cancel"));
            if (!done) return std::unexpected(done.error());
            after = std::move(*done);
            return http::Response{};
        });
    }

    http::Response hand_over(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<ShipmentId>(request, "id");
        return deps_.idempotency.run(request, scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
            const auto after = deps_.shipments.hand_over(tx, id, witness(*actor, "hand_over"));
            if (!after) return std::unexpected(after.error());
            return http::ok(to_dto(*after));
        });
    }

    http::Response send_by_hand(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<ShipmentId>(request, "id");
        const auto body = http::body_as<ByHandDto>(request);
        if (!body) return http::problem(body.error());
        for (std::size_t i = 0; i < body->tracking_numbers.size(); ++i) {
            if (body->tracking_numbers[i].size() > 80)
                return http::problem(fail_field("/tracking_numbers/" + std::to_string(i), "too_long", "At most 80 characters.").error());
        }
        return deps_.idempotency.run(request, scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
            const auto seen = deps_.shipments.find(tx, id);
            if (!seen) return fail(shipment_unknown());
            const auto header = deps_.orders.lock(tx, OrderId(seen->order));
            if (header->state != State::confirmed && header->state != State::processing)
                return fail(ErrorKind::conflict, "orders.not_to_be_shipped",
                            "An order that is " + std::string(json::to_name(header->state)) + " is not to be shipped.");
            const auto may = may_be_sent(header->payment_state);
            if (!may && unpaid_of(body->anyway) == Unpaid::held_back) return std::unexpected(may.error());
            const auto after = shipping::by_hand(deps_.shipments)
                                   .send_by_hand(tx, id, {body->carrier, body->tracking_numbers, body->tracking_url.value_or("")},
                                                 witness(*actor, may ? "send_by_hand" : "send_by_hand_anyway"));
            if (!after) return std::unexpected(after.error());
            return http::ok(to_dto(*after));
        });
    }

    http::Response end_by_hand(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<ShipmentId>(request, "id");
        const auto body = http::body_as<HandEndDto>(request);
        if (!body) return http::problem(body.error());
        const auto end = body->end == HandEnd::delivered ? shipping::ShipmentState::delivered : shipping::ShipmentState::returned;
        return deps_.idempotency.run(request, scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
            const auto after =
                shipping::by_hand(deps_.shipments).end_by_hand(tx, id, end, witness(*actor, std::string(json::to_name(body->end))));
            if (!after) return std::unexpected(after.error());
            return http::ok(to_dto(*after));
        });
    }

    http::Response correct(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto id = http::id_param<ShipmentId>(request, "id");
        const auto body = http::body_as<CorrectionDto>(request);
        if (!body) return http::problem(body.error());
        if (body->to && body->to->email && !customers::email_key(*body->to->email))
            return http::problem(fail_field("/to/email", "invalid", "This is no e-mail address.").error());
        const auto done = deps_.database.in_tx([&](db::Tx& tx) -> Result<Shipment> {
            const auto before = deps_.shipments.find(tx, id);
            auto after = deps_.shipments.correct(tx, id, {body->to, body->option_code, body->service_point_id});
            if (!after) return after;
            // Where somebody lives does not go into the log; that it was changed does.
            deps_.audit.record(tx, *actor, {"correct", "shipments", id.to_string(), state_json(*before), state_json(*after)});
            return after;
        });
        if (!done) return http::problem(done.error());
        return http::ok(to_dto(*done));
    }

    http::Response show_shipment(const http::Request& request) {
        if (const auto actor = deps_.gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
        const auto id = http::id_param<ShipmentId>(request, "id");
        const auto shipment = deps_.database.read([&](db::Session& session) { return deps_.shipments.find(session, id); });
        if (!shipment) return http::problem(shipment_unknown());
        return http::ok(to_dto(*shipment));
    }

    http::Response label(const http::Request& request) {
        if (const auto actor = deps_.gate.require(request, "orders.ship"); !actor) return http::problem(actor.error());
        const auto id = http::id_param<ShipmentId>(request, "id");
        const auto query = http::query_as<LabelQuery>(request);
        if (!query) return http::problem(query.error());
        auto file = deps_.shipments.label(id, static_cast<int>(query->parcel), query->format);
        if (!file) return http::problem(file.error());
        http::Response response;
        const bool pdf = query->format == shipping::LabelFormat::pdf;
        response.header("content-type", pdf ? "application/pdf" : "application/zpl");
        response.header("content-disposition", pdf ? "inline; filename=\"label.pdf\"" : "attachment; filename=\"label.zpl\"");
        response.body = std::move(*file);
        return response;
    }

    // All labels of a run in one file, in the order in which the picking list names their shipments.
    http::Response labels(const http::Request& request) {
        if (const auto actor = deps_.gate.require(request, "orders.ship"); !actor) return http::problem(actor.error());
        const auto query = http::query_as<PickingQuery>(request);
        if (!query) return http::problem(query.error());
        auto shipments = to_pick(query->orders);
        std::erase_if(shipments, [](const Shipment& each) { return each.state != shipping::ShipmentState::labelled; });
        const auto files = deps_.shipments.labels(shipments, shipping::LabelFormat::pdf);
        if (!files) return http::problem(files.error());
        if (files->empty())
            return http::problem(
                {ErrorKind::conflict, "shipping.no_label", "None of these orders has a label to print: make them first.", {}, {}, {}, 0});
        const auto merged = merge_pdf(*files);
        if (!merged) return http::problem(merged.error());
        http::Response response;
        response.header("content-type", "application/pdf");
        response.header("content-disposition", "inline; filename=\"labels.pdf\"");
        response.body = std::move(*merged);
        return response;
    }

    http::Response set_customs(const http::Request& request) {
        const auto actor = deps_.gate.require(request, "orders.ship");
        if (!actor) return http::problem(actor.error());
        const auto variant = http::id_param<catalog::VariantId>(request, "variant_id");
        const auto body = http::body_as<CustomsDto>(request);
        if (!body) return http::problem(body.error());
        try {
            deps_.database.in_tx([&](db::Tx& tx) {
                deps_.shipments.put_customs(tx, variant.uuid(), body->hs_code, body->origin_country);
                deps_.audit.record(tx, *actor, {"update", "customs", variant.to_string(), "", json::render(*body)});
            });
        } catch (const db::ForeignKeyViolation&) {
            return http::problem({ErrorKind::not_found, "http.not_found", "There are no such goods.", {}, {}, {}, 0});
        }
        return http::ok(*body);
    }

    http::Response picking_list(const http::Request& request) {
        if (const auto actor = deps_.gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
        const auto query = http::query_as<PickingQuery>(request);
        if (!query) return http::problem(query.error());
        std::map<std::pair<Uuid, std::string>, PickDto> items;
        std::set<OrderId> planned;
        for (const auto& shipment : to_pick(query->orders)) {
            planned.insert(OrderId(shipment.order));
            for (const auto& line : shipment.lines) {
                auto& item = items[{shipment.warehouse, line.sku}];
                item.warehouse_id = inventory::WarehouseId(shipment.warehouse);
                item.sku = line.sku;
                item.name = line.name;
                item.quantity += line.quantity;
                if (!item.orders.empty() && item.orders.back().order_number == shipment.order_number &&
                    item.orders.back().shipment == shipment.number)
                    item.orders.back().quantity += line.quantity;
                else
                    item.orders.push_back({shipment.order_number, shipment.number, line.quantity});
            }
        }
        PickingListDto dto;
        for (auto& [key, item] : items) dto.items.push_back(std::move(item));
        // What has left, or is to be sent no more, does not wait for a shipment.
        auto waiting = deps_.database.read([&](db::Session& session) { return deps_.fulfilment.to_ship(session, query->orders); });
        std::erase_if(waiting.unplanned, [&](OrderId id) { return planned.contains(id); });
        dto.unplanned = std::move(waiting.unplanned);
        dto.money_due = std::move(waiting.money_due);
        return http::ok(dto);
    }

private:
    // What of these orders is still in the house, in the order of the picking list: by warehouse, then by the first article that is fetched
    // for it.
    std::vector<Shipment> to_pick(const std::vector<OrderId>& wanted) {
        std::vector<Uuid> orders;
        for (const auto id : wanted) orders.push_back(id.uuid());
        auto out = deps_.database.read([&](db::Session& session) { return deps_.shipments.of_orders(session, orders); });
        std::erase_if(out, [](const Shipment& each) { return each.left_at || each.state == shipping::ShipmentState::cancelled; });
        const auto place = [](const Shipment& each) {
            const auto first = std::ranges::min_element(each.lines, {}, &shipping::ShipmentLine::sku);
            return std::pair(each.warehouse, first == each.lines.end() ? std::string() : first->sku);
        };
        std::ranges::stable_sort(out, {}, place);
        return out;
    }

    static std::string scope(const http::StaffActor& actor) { return "staff:" + actor.id.to_string(); }

    // For what is done outside a transaction: called without one to do it, and then with one to answer. The answer is kept under the
    // key, so that a repeated request does not try again what was refused.
    http::Response outside(const http::Request& request, const http::StaffActor& actor,
                           const std::function<Result<http::Response>(db::Tx*)>& body) {
        auto begun = deps_.idempotency.begin(request, scope(actor), std::chrono::seconds{300});
        if (auto* replay = std::get_if<http::Response>(&begun)) return std::move(*replay);
        auto& claim = std::get<http::Idempotency::Claim>(begun);
        if (const auto done = body(nullptr); !done) return http::problem(done.error());
        const auto answer = deps_.database.in_tx([&](db::Tx& tx) -> Result<http::Response> {
            auto response = body(&tx);
            if (response) (void)claim.store_if_ours(tx, *response);
            return response;
        });
        if (!answer) return http::problem(answer.error());
        return *answer;
    }

    // In the transaction of the effect: who did it is known whenever it is done.
    shipping::Witness witness(const http::StaffActor& actor, std::string action) {
        return [this, actor, action = std::move(action)](db::Tx& tx, const Shipment& begun) {
            deps_.audit.record(tx, actor, {action, "shipments", begun.id.to_string(), "", state_json(begun)});
        };
    }

    // Under the order's lock, before anything is said to the carrier platform: what owes money keeps its goods here.
    shipping::Witness label_witness(const http::StaffActor& actor, Unpaid unpaid) {
        return [this, actor, unpaid](db::Tx& tx, const Shipment& begun) {
            const auto header = deps_.orders.header(tx, OrderId(begun.order));
            const auto may = may_be_sent(header->payment_state);
            if (!may && unpaid == Unpaid::held_back) throw http::ProblemException(may.error());
            deps_.audit.record(tx, actor, {may ? "announce" : "announce_anyway", "shipments", begun.id.to_string(), "", state_json(begun)});
        };
    }
    static Unpaid unpaid_of(const std::optional<bool>& anyway) { return anyway.value_or(false) ? Unpaid::sent_anyway : Unpaid::held_back; }

    // What the words may mean. Found by e-mail address and name are the newest behind the cursor, as many as a page shows; by number and
    // article the newest of all.
    std::vector<OrderId> candidates(db::Session& session, const DeskQuery& query, const Cursor& cursor,
                                    const std::optional<std::string>& state) {
        const auto& q = *query.q;
        const auto limit = query.limit + 1;
        std::vector<OrderId> out;
        const auto take = [&](const db::Rows& rows) {
            for (const auto row : rows) out.push_back(row.get<OrderId>("id"));
        };
        if (q.find('@') != std::string::npos) {
            take(session.query(sql::search_email, q, limit, cursor.at, cursor.id, state, query.tag));
            return out;
        }
        std::string number = q;
        for (auto& c : number) c = c == 's' ? 'S' : c;
        if (looks_like_number(q)) {
            if (!number.starts_with("S-")) number = "S-" + number;
            take(session.query(sql::search_number, number, kMostFound));
        }
        std::vector<db::Call> calls{db::call(sql::search_sku, q, kMostFound)};
        if (state && session.query(sql::few_in_state, *state).front().get<bool>("few")) {
            calls.push_back(db::call(sql::search_names_in_state, q, limit, cursor.at, cursor.id, state, query.tag));
        } else {
            calls.push_back(db::call(sql::search_last_name, q, limit, cursor.at, cursor.id, state, query.tag));
            calls.push_back(db::call(sql::search_full_name, q, limit, cursor.at, cursor.id, state, query.tag));
        }
        for (const auto& rows : session.pipeline(calls)) take(rows);
        for (const auto& order : deps_.shipments.orders_by_tracking(session, q)) out.emplace_back(order);
        return out;
    }

    // Those that stand out, and of a search the ones among what it found.
    std::vector<OrderId> among_found(db::Session& session, std::vector<OrderId> out, const DeskQuery& query, const Cursor& cursor,
                                     const std::optional<std::string>& state) {
        if (!query.q) return out;
        const auto found = candidates(session, query, cursor, state);
        std::erase_if(out, [&](OrderId id) { return std::ranges::find(found, id) == found.end(); });
        return out;
    }
    std::vector<OrderId> in_trouble(db::Session& session) {
        std::vector<OrderId> out;
        for (const auto& order : deps_.shipments.orders_in_trouble(session, kMostFound)) out.emplace_back(order);
        return out;
    }
    std::vector<OrderId> waiting_for_goods(db::Session& session) {
        std::vector<OrderId> out;
        for (const auto& order : deps_.inventory.waiting_orders(session, kMostWaiting)) out.emplace_back(order);
        return out;
    }

    DeskListDto find(db::Session& session, const DeskQuery& query, const Cursor& cursor) {
        const auto limit = query.limit + 1;
        const auto state = query.state ? std::optional(std::string(json::to_name(*query.state))) : std::nullopt;
        db::Rows rows;
        if (query.trouble || query.waiting) {
            auto some = query.trouble ? in_trouble(session) : waiting_for_goods(session);
            rows = session.query(sql::desk_found, cursor.at, cursor.id, limit, among_found(session, std::move(some), query, cursor, state),
                                 state, query.tag);
        } else if (query.q)
            rows = session.query(sql::desk_found, cursor.at, cursor.id, limit, candidates(session, query, cursor, state), state, query.tag);
        else if (query.tag && state)
            rows = session.query(sql::desk_by_tag_and_state, cursor.at, cursor.id, limit, *query.tag, *state);
        else if (query.tag)
            rows = session.query(sql::desk_by_tag, cursor.at, cursor.id, limit, *query.tag);
        else if (state)
            rows = session.query(sql::desk_by_state, cursor.at, cursor.id, limit, *state);
        else
            rows = session.query(sql::desk_all, cursor.at, cursor.id, limit);
        DeskListDto out;
        for (int i = 0; i < rows.size(); ++i) {
            const auto row = rows[i];
            if (i == query.limit) {
                const auto last = rows[i - 1];
                out.next_cursor = Cursor{last.get<Timestamp>("placed_at"), last.get<OrderId>("id")}.to_text();
                break;
            }
            DeskOrderDto item;
            item.id = row.get<OrderId>("id");
            item.number = row.get<std::string>("number");
            item.placed_at = row.get<Timestamp>("placed_at");
            item.state = json::from_name<State>(row.get<std::string>("state")).value();
            item.payment_state = json::from_name<PaymentState>(row.get<std::string>("payment_state")).value();
            item.total = row.money("total");
            item.name = row.get<std::optional<std::string>>("name").value_or("");
            item.email = row.get<std::string>("email");
            item.country = row.get<std::string>("country");
            item.item_count = row.get<std::optional<std::int64_t>>("item_count").value_or(0);
            item.tags = row.get<std::vector<std::string>>("tags");
            out.items.push_back(std::move(item));
        }
        std::vector<Uuid> shown;
        for (const auto& item : out.items) shown.push_back(item.id.uuid());
        for (const auto& units : deps_.inventory.waiting(session, shown))
            std::ranges::find(out.items, OrderId(units.order), &DeskOrderDto::id)->waiting_units += units.quantity;
        return out;
    }

    NotesDto notes(db::Session& session, OrderId id) {
        NotesDto out;
        for (const auto row : session.query(sql::desk_notes, id))
            out.items.push_back({row.get<Timestamp>("at"), row.get<std::string>("author"), row.get<std::string>("body")});
        return out;
    }

    std::optional<DeskDetailDto> detail(db::Session& session, OrderId id) {
        const auto head = session.query(sql::desk_head, id);
        if (head.empty()) return std::nullopt;
        DeskDetailDto dto;
        dto.order = *deps_.orders.order(session, id, "en");
        const auto row = head.front();
        dto.customer_id = row.get<std::optional<customers::CustomerId>>("customer_id");
        dto.phone = row.get<std::string>("phone");
        dto.tags = row.get<std::vector<std::string>>("tags");
        dto.notes = notes(session, id).items;
        for (const auto entry : session.query(sql::desk_timeline, id))
            dto.history.push_back({entry.get<Timestamp>("at"), entry.get<std::string>("kind"), json::Raw{entry.get<std::string>("data")}});
        if (deps_.mails) {
            for (auto& entry : deps_.mails(session, id))
                dto.history.push_back({entry.at, std::move(entry.kind), json::Raw{std::move(entry.data_json)}});
            std::ranges::stable_sort(dto.history, {}, &DeskTimelineDto::at);
        }
        for (const auto& attempt : deps_.payments.of_payable(session, id.uuid())) {
            DeskPaymentDto payment;
            payment.id = attempt.id;
            payment.reference = attempt.reference;
            payment.method = attempt.method;
            payment.state = attempt.state;
            payment.decline = attempt.decline;
            payment.label = attempt.label;
            payment.amount = attempt.amount;
            payment.captured = attempt.captured;
            payment.refunded = attempt.refunded;
            payment.created_at = attempt.created_at;
            dto.payments.push_back(std::move(payment));
        }
        dto.shipments = to_list(deps_.shipments.of_order(session, id.uuid())).items;
        if (const auto replaces = row.get<std::optional<ReturnId>>("return_id"))
            dto.replaces = DeskReplacesDto{*replaces, row.get<std::string>("return_number"), row.get<OrderId>("before_id"),
                                           row.get<std::string>("before_number")};
        return dto;
    }

    DeskDependencies deps_;
};

}  // namespace

DeskShipmentDto to_dto(const Shipment& shipment) {
    DeskShipmentDto dto;
    dto.id = shipment.id;
    dto.order_id = OrderId(shipment.order);
    dto.order_number = shipment.order_number;
    dto.number = shipment.number;
    dto.warehouse_id = inventory::WarehouseId(shipment.warehouse);
    dto.state = shipment.state;
    dto.reference = shipment.reference;
    dto.option_code = shipment.option_code;
    dto.carrier = shipment.carrier;
    if (!shipment.service_point_id.empty()) dto.service_point_id = shipment.service_point_id;
    dto.to = shipment.to;
    dto.problems = shipment.problems;
    for (const auto& line : shipment.lines)
        dto.lines.push_back({line.parcel, OrderLineId(line.order_line), line.sku, line.name, line.quantity});
    for (const auto& parcel : shipment.parcels) {
        DeskParcelDto shown;
        shown.position = parcel.position;
        shown.weight_grams = parcel.weight_grams;
        shown.tracking_number = parcel.tracking_number;
        if (!parcel.tracking_url.empty()) shown.tracking_url = parcel.tracking_url;
        shown.state = parcel.state;
        shown.status = parcel.status_text;
        shown.status_at = parcel.status_at;
        dto.parcels.push_back(std::move(shown));
    }
    dto.created_at = shipment.created_at;
    dto.announced_at = shipment.announced_at;
    dto.left_at = shipment.left_at;
    dto.delivered_at = shipment.delivered_at;
    dto.booked_in_at = shipment.booked_in_at;
    return dto;
}

void add_desk_routes(http::Routes& routes, DeskDependencies dependencies) {
    const auto desk = std::make_shared<Desk>(dependencies);
    const auto handle = [desk](http::Response (Desk::*what)(const http::Request&)) {
        return [desk, what](const http::Request& request) { return (desk.get()->*what)(request); };
    };
    const auto staff = [](http::Route& route) -> http::Route& {
        return route.tag("orders").requires_access(http::Access::staff).fails({"staff.login_required", "staff.forbidden"});
    };
    staff(routes.get("/api/v1/admin/orders", "list_orders"))
        .summary("Orders, newest first")
        .on(http::Pool::staff)
        .query<DeskQuery>()
        .returns<DeskListDto>()
        .handle(handle(&Desk::list));
    staff(routes.get("/api/v1/admin/orders/{id}", "get_order"))
        .summary("An order with everything about it")
        .on(http::Pool::staff)
        .returns<DeskDetailDto>()
        .fails({"orders.not_found"})
        .handle(handle(&Desk::show));
    staff(routes.post("/api/v1/admin/orders/{id}/notes", "add_order_note"))
        .summary("Write a note that staff see")
        .on(http::Pool::staff)
        .idempotent()
        .body<NewNoteDto>()
        .returns<NotesDto>(201)
        .fails({"orders.not_found"})
        .handle(handle(&Desk::add_note));
    staff(routes.put("/api/v1/admin/orders/{id}/tags", "set_order_tags"))
        .summary("Replace an order's tags")
        .on(http::Pool::staff)
        .body<TagsDto>()
        .returns<TagsDto>()
        .fails({"orders.not_found"})
        .handle(handle(&Desk::set_tags));
    staff(routes.get("/api/v1/admin/orders/{id}/shipments/proposal", "propose_shipments"))
        .summary("From where the rest of an order would be sent, and why")
        .on(http::Pool::staff)
        .returns<ProposalDto>()
        .fails({"orders.not_found"})
        .handle(handle(&Desk::propose));
    staff(routes.post("/api/v1/admin/orders/{id}/shipments", "create_shipments"))
        .summary("Put goods of an order into shipments")
        .on(http::Pool::staff)
        .idempotent()
        .body<PlanDto>()
        .returns<ShipmentListDto>(201)
        .fails({"orders.not_found", "orders.not_to_be_shipped", "orders.nothing_to_ship", "orders.waiting_for_goods", "orders.money_due",
                "orders.line_unknown", "orders.too_many", "orders.warehouse_unknown", "orders.warehouse_lacks"})
        .handle(handle(&Desk::plan));
    staff(routes.post("/api/v1/admin/shipments/announce", "announce_shipments"))
        .summary("Have labels made, one result for each shipment")
        .on(http::Pool::outbound)
        .within(std::chrono::minutes{5})
        .idempotent()
        .body<AnnounceDto>()
        .returns<AnnouncedListDto>()
        .handle(handle(&Desk::announce));
    staff(routes.get("/api/v1/admin/shipments/{id}", "get_shipment"))
        .summary("A shipment")
        .on(http::Pool::staff)
        .returns<DeskShipmentDto>()
        .fails({"shipping.shipment_unknown"})
        .handle(handle(&Desk::show_shipment));
    staff(routes.patch("/api/v1/admin/shipments/{id}", "correct_shipment"))
        .summary("Another address or delivery for one that has no label")
        .on(http::Pool::staff)
        .body<CorrectionDto>()
        .returns<DeskShipmentDto>()
        .fails({"shipping.shipment_unknown", "shipping.already_announced"})
        .handle(handle(&Desk::correct));
    staff(routes.post("/api/v1/admin/shipments/{id}/split", "split_shipment"))
        .summary("Move goods of a shipment without a label to a new one")
        .description("Answers with the shipment as it is now and the new one.")
        .on(http::Pool::staff)
        .idempotent()
        .body<SplitDto>()
        .returns<ShipmentListDto>(201)
        .fails({"shipping.shipment_unknown", "orders.split_labelled", "orders.split_nothing", "orders.line_unknown", "orders.too_many",
                "orders.warehouse_unknown", "orders.warehouse_lacks", "orders.not_to_be_shipped"})
        .handle(handle(&Desk::split));
    staff(routes.post("/api/v1/admin/shipments/{id}/cancel", "cancel_shipment"))
        .summary("Cancel a shipment; its goods can be sent again")
        .on(http::Pool::outbound)
        .within(std::chrono::minutes{2})
        .idempotent()
        .returns<DeskShipmentDto>()
        .fails({"shipping.shipment_unknown", "shipping.cannot_cancel", "shipping.unavailable"})
        .handle(handle(&Desk::cancel));
    staff(routes.post("/api/v1/admin/shipments/{id}/hand-over", "hand_over_shipment"))
        .summary("The carrier has it, although nobody scanned it")
        .on(http::Pool::staff)
        .idempotent()
        .returns<DeskShipmentDto>()
        .fails({"shipping.shipment_unknown", "shipping.transition_not_allowed"})
        .handle(handle(&Desk::hand_over));
    staff(routes.post("/api/v1/admin/shipments/{id}/send-by-hand", "send_shipment_by_hand"))
        .summary("It goes without a label of the carrier platform")
        .on(http::Pool::staff)
        .idempotent()
        .body<ByHandDto>()
        .returns<DeskShipmentDto>()
        .fails({"shipping.shipment_unknown", "shipping.already_announced", "orders.not_to_be_shipped", "orders.money_due"})
        .handle(handle(&Desk::send_by_hand));
    staff(routes.post("/api/v1/admin/shipments/{id}/end-by-hand", "end_shipment_by_hand"))
        .summary("How a shipment without a label ended")
        .on(http::Pool::staff)
        .idempotent()
        .body<HandEndDto>()
        .returns<DeskShipmentDto>()
        .fails({"shipping.shipment_unknown", "shipping.followed", "shipping.transition_not_allowed"})
        .handle(handle(&Desk::end_by_hand));
    staff(routes.get("/api/v1/admin/shipments/{id}/label", "get_shipment_label"))
        .summary("The label of one parcel")
        .on(http::Pool::outbound)
        .within(std::chrono::minutes{1})
        .query<LabelQuery>()
        .returns_type(200, "application/pdf")
        .returns_type(200, "application/zpl")
        .fails({"shipping.shipment_unknown", "shipping.parcel_unknown", "shipping.no_label", "shipping.unavailable"})
        .handle(handle(&Desk::label));
    staff(routes.get("/api/v1/admin/shipment-labels", "get_shipment_labels"))
        .summary("The labels of chosen orders in one file, in the order of their picking list")
        .on(http::Pool::outbound)
        .within(std::chrono::minutes{2})
        .query<PickingQuery>()
        .returns_type(200, "application/pdf")
        .fails({"shipping.no_label", "shipping.unavailable"})
        .handle(handle(&Desk::labels));
    staff(routes.put("/api/v1/admin/customs/{variant_id}", "set_customs_data"))
        .summary("What customs want to know about goods")
        .on(http::Pool::staff)
        .body<CustomsDto>()
        .returns<CustomsDto>()
        .handle(handle(&Desk::set_customs));
    staff(routes.get("/api/v1/admin/picking-list", "get_picking_list"))
        .summary("What to fetch for chosen orders, by warehouse and SKU")
        .on(http::Pool::staff)
        .query<PickingQuery>()
        .returns<PickingListDto>()
        .handle(handle(&Desk::picking_list));
}

}  // namespace stoa::orders
