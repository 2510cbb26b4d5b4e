// How jemalloc, which the program is linked with, goes about memory. It reads this before main().
//
// glibc's allocator keeps what was freed: after 80,000 keys of 1 KiB were set and deleted, a node
// had 112 MiB instead of 15. Trimming it holds its locks while it walks through the whole heap.
// jemalloc gives back what was free for a second on a thread of its own, so nobody waits for that.

extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:4";
}
