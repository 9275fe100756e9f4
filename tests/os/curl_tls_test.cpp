#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fetching.h"

using namespace triggerd;

namespace {

// `openssl s_server` with a certificate of its own for one name, on a port that the kernel chose.
class TlsServer {
 public:
  TlsServer(const std::string& name, const std::vector<std::string>& options,
            const std::string& life = "-days 2") {
    std::string folder = (std::filesystem::temp_directory_path() / "tls-XXXXXX").string();
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
    const std::string request =
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test"
        " -keyout " +
        folder + "/key -out " + folder + "/request 2>/dev/null";
    REQUIRE(std::system(request.c_str()) == 0);
    // `openssl ca` is the one that takes both ends of a certificate's life.
    std::ofstream(folder + "/index");
    std::ofstream(folder + "/rules")
        << "[ca]\ndefault_ca=own\n[own]\ndatabase=" << folder << "/index\nnew_certs_dir=" << folder
        << "\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n"
           "x509_extensions=names\n[any]\ncommonName=supplied\n"
           "[names]\nsubjectAltName="
        << name << "\nbasicConstraints=CA:true\n";
    const std::string sign = "openssl ca -batch -notext -selfsign -config " + folder +
                             "/rules -keyfile " + folder + "/key -in " + folder + "/request -out " +
                             certificate() + " " + life + " 2>/dev/null";
    REQUIRE(std::system(sign.c_str()) == 0);
    start(options);
  }

  ~TlsServer() {
    kill(server_, SIGKILL);
    waitpid(server_, nullptr, 0);
    std::fclose(said_);
    std::filesystem::remove_all(folder_);
  }

  std::string certificate() const { return folder_ + "/certificate"; }
  std::string url(const std::string& host) const { return "https://" + host + ":" + port_ + "/"; }

 private:
  void start(const std::vector<std::string>& options) {
    std::vector<std::string> words = {"openssl",        "s_server", "-accept",    "127.0.0.1:0",
                                      "-naccept",       "5",        "-www",       "-key",
                                      folder_ + "/key", "-cert",    certificate()};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> pointers;
    for (std::string& word : words) {
      pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    server_ = fork();
    if (server_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      execvp("openssl", pointers.data());
      _exit(127);
    }
    close(ends[1]);
    said_ = fdopen(ends[0], "r");
    std::array<char, 256> line{};
    while (port_.empty() && std::fgets(line.data(), line.size(), said_) != nullptr) {
      const std::string text = line.data();
      if (text.rfind("ACCEPT ", 0) == 0) {
        port_ = text.substr(text.rfind(':') + 1);
        port_.erase(port_.find_last_not_of("\r\n") + 1);
      }
    }
    REQUIRE_FALSE(port_.empty());
  }

  std::string folder_;
  std::string port_;
  pid_t server_ = -1;
  std::FILE* said_ = nullptr;
};

CurlOptions trusting(const TlsServer& server) {
  CurlOptions options;
  options.ca_file = server.certificate();
  return options;
}

}  // namespace

TEST_CASE("S-11 a certificate is accepted when it is trusted and for that name only") {
  const TlsServer server("DNS:localhost", {});
  const HttpReply trusted = fetch(get(server.url("localhost")), trusting(server));
  CHECK(trusted.failure == HttpFailure::none);
  CHECK(trusted.status == 200);
  const HttpReply wrong_name = fetch(get(server.url("127.0.0.1")), trusting(server));
  CHECK(wrong_name.failure == HttpFailure::tls);
  CHECK(wrong_name.status == 0);
}

TEST_CASE("FET-17 a certificate that nobody trusts is refused with a reason") {
  const TlsServer server("DNS:localhost", {});
  const HttpReply reply = fetch(get(server.url("localhost")));
  CHECK(reply.failure == HttpFailure::tls);
  CHECK(holds(reply.reason, "certificate"));
}

TEST_CASE("FET-17 a certificate that is over, or not valid yet, is refused and named") {
  const TlsServer over("DNS:localhost", {}, "-startdate 20200101000000Z -enddate 20210101000000Z");
  const HttpReply late = fetch(get(over.url("localhost")), trusting(over));
  CHECK(late.failure == HttpFailure::tls);
  CHECK_MESSAGE(holds(late.reason, "expired"), late.reason);
  const TlsServer ahead("DNS:localhost", {}, "-startdate 20900101000000Z -enddate 20910101000000Z");
  const HttpReply early = fetch(get(ahead.url("localhost")), trusting(ahead));
  CHECK(early.failure == HttpFailure::tls);
  CHECK_MESSAGE(holds(early.reason, "not yet valid"), early.reason);
}

TEST_CASE("FET-17 TLS 1.1 is refused, 1.2 is the least") {
  const TlsServer old("DNS:localhost", {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  CHECK(fetch(get(old.url("localhost")), trusting(old)).failure == HttpFailure::tls);
  const TlsServer least("DNS:localhost", {"-tls1_2"});
  CHECK(fetch(get(least.url("localhost")), trusting(least)).failure == HttpFailure::none);
}
