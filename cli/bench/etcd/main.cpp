// raftkv-etcd-load: the load of `raftkv bench compare` for etcd, over its gRPC. A closed loop; one
// thread; a connection of its own for each client.

#include <etcd.grpc.pb.h>
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "cli/bench/load/load.hpp"
#include "cli/bench/load/operations.hpp"
#include "cli/bench/load/tally.hpp"

namespace {

using namespace raftkv;
using namespace raftkv::bench;
using std::chrono::steady_clock;

struct Arguments {
    std::vector<std::string> servers;
    bool gets = false;
    LoadOptions load;
    KeySpace space;
};

std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               steady_clock::now().time_since_epoch())
        .count();
}

std::shared_ptr<grpc::Channel> channel_to(const std::string& server) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection for each
    return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
}

// Asks all until one says that it leads.
Result<std::string> find_leader(const std::vector<std::string>& servers) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(20);
    std::string trouble = "none of them leads";
    while (steady_clock::now() < deadline) {
        for (const std::string& server : servers) {
            auto stub = etcdserverpb::Maintenance::NewStub(channel_to(server));
            grpc::ClientContext context;
            context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
            etcdserverpb::StatusResponse status;
            const grpc::Status asked = stub->Status(&context, {}, &status);
            if (!asked.ok()) trouble = server + ": " + asked.error_message();
            if (asked.ok() && status.leader() != 0 &&
                status.leader() == status.header().member_id())
                return server;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return Error{ErrorKind::unavailable, "no etcd leads within 20 s: " + trouble};
}

// A place for one operation in flight, used again and again.
struct Slot {
    etcdserverpb::KV::Stub* stub = nullptr;
    Operation operation{};
    grpc::Status status{};
    std::unique_ptr<grpc::ClientContext> context{};
    etcdserverpb::PutRequest put{};
    etcdserverpb::RangeRequest range{};
    etcdserverpb::PutResponse put_response{};
    etcdserverpb::RangeResponse range_response{};
    std::unique_ptr<grpc::ClientAsyncResponseReader<etcdserverpb::PutResponse>> putting{};
    std::unique_ptr<grpc::ClientAsyncResponseReader<etcdserverpb::RangeResponse>> ranging{};
};

class EtcdLoad {
  public:
    explicit EtcdLoad(Arguments& arguments)
        : load_(arguments.load),
          space_(arguments.space),
          operations_(load_.op, space_, load_.value_bytes),
          tally_(load_),
          value_(load_.value_bytes, 'v') {}

    LoadResult run(const std::string& leader);
    const std::string& first_error() const { return first_error_; }

  private:
    bool may_start(std::int64_t now) const {
        return load_.requests > 0 ? started_ < load_.requests : now < to_ns_;
    }
    void start(Slot& slot, std::int64_t now);
    void finish(Slot& slot, std::int64_t now);

    LoadOptions& load_;
    KeySpace& space_;
    Operations operations_;
    Tally tally_;
    std::string value_;
    grpc::CompletionQueue queue_;
    std::uint64_t started_ = 0, in_flight_ = 0;
    std::int64_t to_ns_ = 0;
    std::string first_error_;
};

LoadResult EtcdLoad::run(const std::string& leader) {
    std::vector<std::unique_ptr<etcdserverpb::KV::Stub>> stubs;
    std::vector<Slot> slots(load_.clients * load_.pipeline);
    for (std::size_t i = 0; i < load_.clients; ++i) {
        auto channel = channel_to(leader);
        channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10));
        stubs.push_back(etcdserverpb::KV::NewStub(channel));
    }
    std::int64_t now = now_ns();
    const bool by_time = load_.requests == 0;
    const auto from_ns =
        now + (by_time ? static_cast<std::int64_t>(load_.warmup_seconds * 1e9) : 0);
    to_ns_ = by_time ? from_ns + static_cast<std::int64_t>(load_.seconds * 1e9) : INT64_MAX;
    tally_.begin(from_ns, to_ns_);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        slots[i].stub = stubs[i % stubs.size()].get();
        if (may_start(now)) start(slots[i], now);
    }
    while (in_flight_ > 0) {
        void* tag = nullptr;
        bool ok = false;
        if (!queue_.Next(&tag, &ok)) break;
        now = now_ns();
        Slot& slot = *static_cast<Slot*>(tag);
        finish(slot, now);
        if (may_start(now)) start(slot, now);
        tally_.advance(now);
    }
    queue_.Shutdown();
    return tally_.finish(now);
}

void EtcdLoad::start(Slot& slot, std::int64_t now) {
    ++started_;
    ++in_flight_;
    slot.operation = operations_.choose();
    slot.operation.began_ns = now;
    slot.operation.counts = tally_.counts(now);
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    const std::string_view key = operations_.text_of(slot.operation.key);
    if (slot.operation.verb == Verb::set) {
        slot.put.set_key(key.data(), key.size());
        slot.put.set_value(value_);
        slot.putting = slot.stub->AsyncPut(slot.context.get(), slot.put, &queue_);
        slot.putting->Finish(&slot.put_response, &slot.status, &slot);
    } else {
        slot.range.set_key(key.data(), key.size());
        slot.ranging = slot.stub->AsyncRange(slot.context.get(), slot.range, &queue_);
        slot.ranging->Finish(&slot.range_response, &slot.status, &slot);
    }
}

void EtcdLoad::finish(Slot& slot, std::int64_t now) {
    --in_flight_;
    Outcome outcome = Outcome::done;
    if (!slot.status.ok()) {
        if (first_error_.empty()) first_error_ = slot.status.error_message();
        outcome = slot.operation.verb == Verb::set ? Outcome::unknown : Outcome::failed_read;
    } else if (slot.operation.verb == Verb::get) {
        const auto& found = slot.range_response.kvs();
        if (found.empty()) {
            outcome = Outcome::missing;
        } else if (found[0].value().size() != load_.value_bytes) {
            outcome = Outcome::wrong_value;
        }
    }
    tally_.note(slot.operation, outcome, now);
}

void declare(CLI::App& app, Arguments& arguments) {
    LoadOptions& load = arguments.load;
    app.add_option("--servers", arguments.servers, "host:port of each")->required()->delimiter(',');
    app.add_flag("--get", arguments.gets, "read keys instead of writing new ones");
    app.add_option("--prefix", arguments.space.prefix)->required();
    app.add_option("--keys", arguments.space.keys, "that are read");
    app.add_option("--clients", load.clients);
    app.add_option("--pipeline", load.pipeline);
    app.add_option("--value-bytes", load.value_bytes);
    app.add_option("--seconds", load.seconds);
    app.add_option("--warmup-seconds", load.warmup_seconds);
    app.add_option("--requests", load.requests, "end after so many instead");
}

nlohmann::json to_json(const LoadResult& result) {
    nlohmann::json json = {{"seconds", result.seconds},
                           {"per_second", result.per_second},
                           {"errors", result.errors()},
                           {"own_cpu_seconds", result.own_cpu_seconds},
                           {"latencies", nlohmann::json::array()}};
    result.latency.each([&](std::int64_t ns, std::uint64_t count) {
        json["latencies"].push_back({ns, count});
    });
    return json;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A closed loop of requests against the leader of an etcd cluster; prints JSON.");
    Arguments arguments;
    declare(app, arguments);
    CLI11_PARSE(app, argc, argv);
    arguments.load.op = arguments.gets ? Op::get : Op::set;
    const auto leader = find_leader(arguments.servers);
    if (!leader) {
        fmt::print(stderr, "raftkv-etcd-load: {}\n", leader.error().message);
        return static_cast<int>(exit_code(leader.error().kind));
    }
    EtcdLoad load(arguments);
    nlohmann::json json = to_json(load.run(*leader));
    json["first_error"] = load.first_error();
    fmt::print("{}\n", json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    return 0;
}
