#pragma once
#include "db/connection.hpp"

namespace stoa::db {

struct Rows::Impl {
    explicit Impl(ResultPtr r) : result(std::move(r)) {}
    ResultPtr result;
};

}  // namespace stoa::db
