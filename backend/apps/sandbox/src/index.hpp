#pragma once
// The first page: what there is, and how to try it.
#include "control.hpp"
#include "smtp.hpp"

namespace stoa::sandbox {

void add_index(http::Routes& routes, const Control& control, const MailServer& mail);

}  // namespace stoa::sandbox
