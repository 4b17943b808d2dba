#include "stoa/refresh/refresher.hpp"

#include <gtest/gtest.h>

#include <semaphore>
#include <stdexcept>

#include "captured_log.hpp"

namespace stoa {
namespace {

using namespace std::chrono_literals;

TEST(Refresher, ReadsAgainUntilItEnds) {
    std::counting_semaphore<> calls{0};
    {
        const Refresher refresher(1ms, "cannot be read", [&] { calls.release(); });
        for (int i = 0; i < 3; ++i) calls.acquire();
    }
    while (calls.try_acquire()) {
    }
    EXPECT_FALSE(calls.try_acquire()) << "nobody reads any more";
}

TEST(Refresher, EndsAtOnceHoweverLongItWouldWait) {
    const Refresher refresher(24h, "cannot be read", [] { FAIL() << "a day has not passed"; });
}

TEST(Refresher, WithoutATimeReadsNothing) {
    const Refresher none, zero(0ms, "cannot be read", [] { FAIL() << "nobody asked for it"; });
}

TEST(Refresher, GoesOnAfterAFailureAndSaysItOnce) {
    testing::CapturedLog log;
    std::counting_semaphore<> calls{0};
    {
        int call = 0;
        // Fails twice, works once, fails until the end.
        const Refresher refresher(1ms, "the rates cannot be read", [&] {
            calls.release();
            if (++call != 3) throw std::runtime_error("no database");
        });
        for (int i = 0; i < 6; ++i) calls.acquire();
    }
    const auto text = log.text();
    std::size_t told = 0;
    for (auto at = text.find("the rates cannot be read"); at != std::string::npos; at = text.find("the rates cannot be read", at + 1))
        ++told;
    EXPECT_EQ(told, 2U) << text;
}

}  // namespace
}  // namespace stoa
