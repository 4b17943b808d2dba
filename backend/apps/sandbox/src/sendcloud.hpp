#pragma once
// Sendcloud API v3: shipping options with quotes, service points. Basic auth, JSON:API errors, the triggers of the emulator's specification.
#include <string>
#include <vector>

#include "control.hpp"

namespace stoa::sandbox {

struct SendcloudOptions {
    std::string public_key = "sandbox-public";
    std::string secret_key = "sandbox-secret";
};

class Sendcloud {
public:
    Sendcloud(Control& control, SendcloudOptions options);
    void add_routes(http::Routes& routes);

private:
    [[nodiscard]] http::Response options(const http::Request& request) const;
    [[nodiscard]] http::Response points(const http::Request& request) const;
    [[nodiscard]] http::Response point(const http::Request& request) const;
    [[nodiscard]] http::Response availability(const http::Request& request) const;
    [[nodiscard]] http::Handler guarded(http::Handler handler);
    Control& control_;
    SendcloudOptions options_;
};

}  // namespace stoa::sandbox
