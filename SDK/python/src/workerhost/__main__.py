"""`python -m workerhost MODULE [FUNCTION]`"""

import sys

from workerhost._start import main

if __name__ == "__main__":
    # The current directory is where modules are looked for, as for python -m MODULE.
    main(sys.argv[1:])
