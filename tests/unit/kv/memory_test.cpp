#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <string>

#include "node/kv/store.hpp"
#include "tests/unit/kv/commands.hpp"

namespace raftkv::kv {
namespace {

constexpr std::uint64_t million = 1'000'000;
constexpr std::size_t key_bytes = 16;
constexpr std::size_t value_bytes = 64;

std::size_t heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

// What the heap grew by for each key of a store of `count`, over the bytes of key and value.
double overhead(std::uint64_t count, std::uint32_t exptime_s) {
    const std::string value(value_bytes, 'v');
    const std::size_t before = heap_bytes();
    Store store;
    for (std::uint64_t i = 1; i <= count; ++i) {
        char key[key_bytes + 1];
        std::snprintf(key, sizeof key, "key-%012llu", static_cast<unsigned long long>(i));
        store.apply(LogIndex(i), set(0, key, value, exptime_s));
    }
    EXPECT_EQ(store.size(), count);
    const std::size_t grown = heap_bytes() - before;
    return static_cast<double>(grown) / static_cast<double>(count) - (key_bytes + value_bytes);
}

bool heap_is_counted() {
    const std::size_t before = heap_bytes();
    const std::string block(1u << 16, 'x');
    return heap_bytes() >
           before;  // not so under the address sanitizer, which has a heap of its own
}

class StoreMemory : public testing::Test {
  protected:
    void SetUp() override {
        if (!heap_is_counted()) GTEST_SKIP() << "this heap cannot be asked for its size";
    }
};

TEST_F(StoreMemory, OverheadOfAMillionKeysIsUnder100BytesAKey) {
    const double forever = overhead(million, 0);
    const double with_end = overhead(million, 3600);
    std::printf("bytes a key over key and value at a million keys: %.1f, with an end %.1f\n",
                forever, with_end);
    EXPECT_LT(forever, 100.0);
    EXPECT_LT(with_end, 100.0);
}

TEST_F(StoreMemory, OverheadIsUnder150BytesAKeyRightAfterTheTablesGrew) {
    // The tables double one by one around 860,000 keys and are emptiest just then.
    const double with_end = overhead(900'000, 3600);
    std::printf("bytes a key over key and value right after growing: %.1f\n", with_end);
    EXPECT_LT(with_end, 150.0);
}

}  // namespace
}  // namespace raftkv::kv
