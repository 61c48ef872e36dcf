package postgres

// OrderOneLine is the statement that an order of one line is on the conditional engine.
var OrderOneLine = orderOneLine

// Silence is what the server is given beyond Tuning.LockWait before it is taken for gone.
const Silence = silence

// Indexed are the statements that run once for every operation or batch, and the indexes that they are to go by.
func Indexed() map[string][]string {
	stock, orders, operations, leases := "stock_pkey", "orders_pkey", "operations_pkey", "leases_pkey"
	return map[string][]string{
		readRow:                 {stock},
		readRow + ` FOR UPDATE`: {stock},
		writeRow:                {stock},
		writeSameVersion:        {stock},
		readFenced:              {stock},
		writeFenced:             {stock},
		writeIfEnough:           {stock},
		writeCount:              {stock},
		sellFromPool:            {stock},
		addToPool:               {stock},
		readPools:               {stock},
		lockPools:               {stock},
		markOwing:               {stock},
		shipStock:               {stock},
		lookOrder:               {orders},
		moveOrder:               {orders},
		lookReply:               {operations},
		firstReply:              {operations, orders},
		takeLease:               {leases},
		giveLease:               {leases},
		orderOneLine:            {stock, orders},
		saveSQL[saveStock]:      {stock},
		saveSQL[saveMoves]:      {orders},
		learnHighest:            {orders, operations},
		learnOrders:             {orders},
		learnReplies:            {operations},
		learnStock:              {stock},
	}
}
