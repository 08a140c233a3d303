"""An image and a mask made by a formula, which other packages were given too."""

import numpy as np

rows, columns = np.mgrid[:16, :20]
IMAGE = (rows * rows * 7 + columns * 31 + rows * columns * 5) % 97 * 1.0
MASK = ((rows - 7.3) ** 2 / 40 + (columns - 9.1) ** 2 / 70 < 1) & ~((rows > 9) & (columns > 11))
