"""What must survive a power cut, and a disk that is full, damaged or dead."""
