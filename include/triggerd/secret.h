// Secret: text that must not be printed by accident; it has no stream operator and no implicit
// conversion, and its bytes are wiped when it goes. Made by the configuration, read where a request
// is sent.
#pragma once

#include <string>
#include <string_view>

namespace triggerd {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text);
  Secret(const Secret& other);
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // The only way to the text. Never log what this returns.
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret& other) const { return text_ == other.text_; }

 private:
  void wipe();
  std::string text_;
};

// Overwrites the characters of a text in a way that the optimiser keeps, then empties it.
void wipe_text(std::string& text);

}  // namespace triggerd
