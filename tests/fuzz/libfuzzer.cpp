#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/targets.hpp"

// libFuzzer brings main() and calls this. RAFTKV_FUZZ_TARGET names the function to try.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    raftkv::fuzz::RAFTKV_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}
