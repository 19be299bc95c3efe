#!/bin/sh
<<<<<<< HEAD # finding
echo a
=======
echo b
>>>>>>> other
