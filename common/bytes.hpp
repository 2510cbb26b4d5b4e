#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace raftkv {

static_assert(std::endian::native == std::endian::little,
              "numbers on disk and on the wire are little endian and are copied as they are");

// Appends a number to a buffer, little endian.
template <class T>
void put(std::string& out, T number) {
    static_assert(std::is_integral_v<T>);
    out.append(reinterpret_cast<const char*>(&number), sizeof(T));
}

// What lies in memory as it does on disk, as bytes; valid as long as `layout` is.
template <class Layout>
std::string_view bytes_of(const Layout& layout) {
    static_assert(std::is_trivially_copyable_v<Layout>);
    return {reinterpret_cast<const char*>(&layout), sizeof(Layout)};
}

// Reads numbers and byte runs off the front of untrusted bytes. Once anything was missing, ok()
// stays false and every further read gives zeros or nothing: check once, at the end.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    template <class T>
    T take() {
        static_assert(std::is_integral_v<T>);
        T number{};
        if (rest_.size() < sizeof(T)) {
            fail();
            return number;
        }
        std::memcpy(&number, rest_.data(), sizeof(T));
        rest_.remove_prefix(sizeof(T));
        return number;
    }

    std::string_view take_bytes(std::size_t count) {
        if (rest_.size() < count) {
            fail();
            return {};
        }
        std::string_view bytes = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return bytes;
    }

    std::string_view rest() const { return rest_; }
    bool ok() const { return ok_; }
    // True when everything was there and nothing is left over.
    bool done() const { return ok_ && rest_.empty(); }

  private:
    void fail() {
        ok_ = false;
        rest_ = {};
    }

    std::string_view rest_;
    bool ok_ = true;
};

// A run of bytes inside a shared, immutable block: many log entries share the block that they
// arrived or were encoded in. May cross threads; copying costs one atomic increment.
class SharedBytes {
  public:
    SharedBytes() = default;
    // `view` must lie inside `*block`.
    SharedBytes(std::shared_ptr<const std::string> block, std::string_view view)
        : block_(std::move(block)), view_(view) {}
    // Copies; for tests and for rare small payloads.
    static SharedBytes copy_of(std::string_view bytes) {
        auto block = std::make_shared<const std::string>(bytes);
        std::string_view view = *block;
        return SharedBytes(std::move(block), view);
    }

    std::string_view view() const { return view_; }
    std::size_t size() const { return view_.size(); }
    bool empty() const { return view_.empty(); }

  private:
    std::shared_ptr<const std::string> block_;
    std::string_view view_;
};

}  // namespace raftkv
