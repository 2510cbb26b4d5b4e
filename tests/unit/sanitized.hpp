#pragma once

namespace raftkv {

// What this build watches. Watched code is slow, and what the release repeats a thousand times need
// not be repeated as often; some things cannot be tried at all. g++ says it with a macro, clang
// with a feature.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool under_address_sanitizer = true;
#elif defined(__has_feature)
constexpr bool under_address_sanitizer = __has_feature(address_sanitizer);
#else
constexpr bool under_address_sanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__)
constexpr bool under_thread_sanitizer = true;
#elif defined(__has_feature)
constexpr bool under_thread_sanitizer = __has_feature(thread_sanitizer);
#else
constexpr bool under_thread_sanitizer = false;
#endif

constexpr bool is_sanitized = under_address_sanitizer || under_thread_sanitizer;

}  // namespace raftkv
