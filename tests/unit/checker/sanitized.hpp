#pragma once

namespace raftkv::test {

// Whether this build is so slow that speed is not what it is for.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

}  // namespace raftkv::test
