#pragma once
// CRoaring's C++ class is global before version 0.3 (Debian 12) and in namespace roaring since (Debian 13).
#include <roaring/roaring.hh>

namespace roaring {}
namespace stoa::search {
namespace croaring {
using namespace ::roaring;  // NOLINT: the one place that bridges both versions
using Set = Roaring;
}  // namespace croaring
using Roaring = croaring::Set;
}  // namespace stoa::search
