#pragma once
// What must be true after any trouble when everybody bought one thing, was told so, and gave an address of their own.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "world.hpp"

namespace stoa::testing {

// A mail server cannot be asked whether it has a mail. When the database goes away between its "250 OK" and our note of it, the mail is
// sent again, under the same Message-ID, by which receivers know a repeat.
enum class Mails { once, repeated_if_unsure };

inline void expect_sold(World& world, std::int64_t bought, Mails repeats = Mails::once) {
    EXPECT_EQ(world.count("select count(*) from orders.orders"), bought);
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'confirmed' and payment_state = 'paid'"), bought);
    EXPECT_EQ(world.count("select count(distinct email) from orders.orders"), bought);
    EXPECT_EQ(world.count("select count(*) from events.event where type = 'order.confirmed'"), bought);
    EXPECT_EQ(world.count("select count(*) from messaging.message where state = 'sent'"), bought);
    EXPECT_EQ(world.count("select count(*) from jobs.job where state = 'dead'"), 0);
    EXPECT_EQ(world.count("select coalesce(sum(s.allocated), 0)::bigint from inventory.stock s"), bought);
    // Versions of a stream and positions of the relay have no gaps.
    EXPECT_EQ(world.count("select count(*) from events.event where position is null"), 0);
    EXPECT_EQ(world.count("select count(*) - coalesce(max(position), 0) from events.event"), 0);
    std::map<std::string, int> mails;
    std::map<std::string, std::set<std::string>> ids;
    for (const auto& mail : world.outside.mail->mails()) {
        ++mails[mail.to];
        ids[mail.to].insert(mail.message_id);
    }
    EXPECT_EQ(static_cast<std::int64_t>(mails.size()), bought);
    int repeated = 0;
    for (const auto& [to, number] : mails) {
        EXPECT_EQ(ids[to].size(), 1U) << to << " got more than one mail";
        if (repeats == Mails::once) {
            EXPECT_EQ(number, 1) << to << " got the mail more than once";
        }
        repeated += number > 1 ? 1 : 0;
    }
    // Of dozens of mails the moment of unsurety meets those that are under way: few at each of two restarts.
    EXPECT_LE(repeated, 6);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace stoa::testing
