// Descriptor: a file descriptor that is closed when it goes. For the classes of this folder. Never
// throws but in `checked`, where the machine is out of something.
#pragma once

namespace triggerd {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }

  // Takes the outcome of a system call; std::system_error with the call's name when it is -1.
  static Descriptor checked(int number, const char* call);

  int get() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close();
  // Somebody else closes it from now on.
  int release();

 private:
  int number_ = -1;
};

}  // namespace triggerd
