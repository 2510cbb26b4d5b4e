#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "common/check.hpp"
#include "common/error.hpp"

namespace raftkv {

// A value or the Error that stood in its way; the compiler complains about one that is dropped.
// Asking for the side that is not there is a broken invariant.
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & {
        RAFTKV_CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    const T& value() const& {
        RAFTKV_CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        RAFTKV_CHECK(ok());
        return std::move(*std::get_if<0>(&state_));
    }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }

    const Error& error() const {
        RAFTKV_CHECK(!ok());
        return *std::get_if<1>(&state_);
    }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    const Error& error() const {
        RAFTKV_CHECK(!ok());
        return *error_;
    }

  private:
    std::optional<Error> error_;
};

}  // namespace raftkv
